// What somebody types into a record lies over the state that they began with. When another person changes the record meanwhile, they are told, and go on from
// the new state with all that they typed.
import {useState} from 'react';
import type {Seen} from '../api/client.ts';

export type Values = Readonly<Record<string, string>>;

export interface Edit<R, V extends Values> {
  base: R; // the state that the edit is made to
  typed: V; // what the fields show
  own: Partial<V>; // of it, what differs from the base
  type: (change: Partial<V>) => void;
  stale: boolean; // the record is not as the base any more
  news: readonly {name: keyof V & string; value: string}[]; // what became of the fields that others have changed
  take: () => void; // goes on from the present state
}

// typedInto are the fields that differ from the state that they lie over, after a change: what is typed back is no change.
export function typedInto<V extends Values>(base: V, own: Partial<V>, change: Partial<V>): Partial<V> {
  return Object.fromEntries(Object.entries({...own, ...change} as Record<string, string | undefined>).filter(([name, value]) => value !== undefined && value !== base[name])) as Partial<V>;
}

// newsOf are the fields that are another in the later state.
export const newsOf = <V extends Values>(before: V, after: V): {name: keyof V & string; value: string}[] =>
  Object.entries(after).filter(([name, value]) => before[name] !== value).map(([name, value]) => ({name: name as keyof V & string, value}));

// useEdit is a form over a record; over nothing, for a new one.
export function useEdit<R extends Seen<object> | undefined, V extends Values>(present: R, valuesOf: (r: R) => V): Edit<R, V> {
  const [base, setBase] = useState(present), [own, setOwn] = useState<Partial<V>>({}), values = valuesOf(base);
  return {
    base, own, typed: {...values, ...own}, type: change => setOwn(was => typedInto(values, was, change)),
    stale: base?.etag !== present?.etag, news: newsOf(values, valuesOf(present)),
    take: () => { setBase(present); setOwn(was => typedInto(valuesOf(present), was, {})); },
  };
}
