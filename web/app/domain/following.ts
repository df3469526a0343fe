import {useQueryClient} from '@tanstack/react-query';
import {useEffect, useState} from 'react';
import type {Operation} from '../api/client.ts';
import type {Task} from '../api/queries/tasks.ts';
import {useSession} from '../api/session.ts';
import {followTask} from '../api/stream.ts';

export const runs = (task: Task): boolean => task.status === 'queued' || task.status === 'running';

// share is how much of a task is done, of a thousand.
export function share({progress: {done, total}}: Task): number {
  return total === undefined || total === 0 ? 0 : Math.min(1_000, Math.round(done * 1_000 / total));
}

// Live is a task as it gets on, when that was heard, and what was heard first.
export interface Live {task: Task; at: number; first: {at: number; task: Task}}

// useLive follows a task; when it has ended, what it touches is read again.
export function useLive(task: Task, touches: readonly Operation[]): Live {
  const {tenant, can} = useSession(), queries = useQueryClient(), [heard, setHeard] = useState<Live>(), follows = runs(task) && can('streamTask'), ended = touches.join();
  useEffect(() => {
    if (!follows) return undefined;
    const over = new AbortController();
    const hear = (now: Task) => { const at = performance.now(); setHeard(before => ({task: now, at, first: before?.first ?? {at, task: now}})); };
    followTask(tenant, task.id, hear, over.signal).then(() => { for (const o of ended.split(',')) void queries.invalidateQueries({queryKey: [o, tenant]}); }).catch(() => undefined);
    return () => over.abort();
  }, [follows, tenant, task.id, ended, queries]);
  return runs(task) && heard !== undefined ? heard : {task, at: 0, first: {at: 0, task}};
}

const second = 1_000;

// paceOf is how many lines a second are done and how many seconds are left, once that is known.
export function paceOf({task, at, first}: Live): {rate: number; left: number} | undefined {
  const took = (at - first.at) / second, {done, total = 0, counts} = task.progress, more = done - first.task.progress.done;
  if (took <= 0 || more <= 0) return undefined;
  return {rate: Math.round(((counts['lines'] ?? 0) - (first.task.progress.counts['lines'] ?? 0)) / took), left: Math.ceil((total - done) * took / more)};
}
