// One Idempotency-Key for each thing that somebody means to do. It is kept across repeats, a fresh proof and a reload of the tab until it is known what came
// of it: a double click or a lost answer does nothing twice.
import {useMutation, useQueryClient, type UseMutationResult} from '@tanstack/react-query';
import {asProblem, isRefusal} from './problem.ts';
import type {Operation} from './client.ts';

const place = (name: string) => 'intent:' + name;

export const intent = {
  key(name: string): string {
    const kept = sessionStorage.getItem(place(name));
    if (kept !== null) return kept;
    const key = crypto.randomUUID();
    sessionStorage.setItem(place(name), key);
    return key;
  },
  over(name: string): void { sessionStorage.removeItem(place(name)); },
};

export interface Act<V, R> {
  // name says what is meant, the same for the same thing: createRefund:ord_….
  name: (v: V) => string;
  run: (v: V, key: string) => Promise<R>;
  // touches are the operations whose answers it changes.
  touches: readonly Operation[];
  // reads are those that tell, when it was refused, how the thing is by now; once it is done there may be nothing to read.
  reads?: readonly Operation[];
  done?: (r: R, v: V) => void;
}

// useAct is something that changes the world: sent by one key, then what it touches is read again.
export function useAct<V, R>({name, run, touches, reads = [], done}: Act<V, R>): UseMutationResult<R, Error, V> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (v: V) => run(v, intent.key(name(v))),
    onSuccess: async (r, v) => {
      intent.over(name(v));
      done?.(r, v);
      await Promise.all(touches.map(operation => queries.invalidateQueries({queryKey: [operation]})));
    },
    onError: (thrown, v) => {
      if (isRefusal(asProblem(thrown))) intent.over(name(v));
      // A refusal often says that something is not as the page shows it.
      for (const operation of [...touches, ...reads]) void queries.invalidateQueries({queryKey: [operation]});
    },
  });
}
