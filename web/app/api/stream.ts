// What happened at the platform, as it happens: ids and types only. What a page shows of it is read again; a list waits until somebody wants to see.
import type {QueryClient} from '@tanstack/react-query';
import {send, type Operation, type Schema} from './client.ts';

interface Message {event: string; id: string; data: string}

// messages reads server-sent events out of the body of an answer.
export async function* messages(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return;
    rest += value;
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      yield messageOf(rest.slice(0, end));
      rest = rest.slice(end + 2);
    }
  }
}

export function messageOf(block: string): Message {
  const message: Message = {event: 'message', id: '', data: ''};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)), value = line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') message.event = value;
    if (name === 'id') message.id = value;
    if (name === 'data') message.data += value;
  }
  return message;
}

// touched says whose answers an event changes: pages of one thing and figures are read again at once, lists wait.
export const touched: Partial<Record<Schema<'EventSubjectType'>, {now: readonly Operation[]; lists: readonly Operation[]}>> = {
  order: {now: ['getOrder', 'getOrderTimeline', 'getOrderSplit', 'planRefund', 'getOverview', 'listTodos', 'listTop', 'getGoLiveChecklist'], lists: ['listOrders']},
  refund: {now: ['getOrder', 'getOrderTimeline', 'getOrderSplit', 'planRefund', 'listOrderRefunds', 'getOverview'], lists: ['listRefunds', 'listOrders']},
  split: {now: ['getOrderTimeline', 'getOrderSplit', 'planRefund', 'listTodos'], lists: ['listSplits']},
  case: {now: ['getCase', 'getOrderTimeline', 'listTodos'], lists: ['listCases']},
  task: {now: ['getTask', 'listTasks'], lists: []},
  approval: {now: ['getApproval', 'listApprovals', 'listTodos'], lists: []},
  merchant: {now: ['getMerchant', 'listTodos', 'getGoLiveChecklist'], lists: ['listMerchants']},
  application: {now: ['getApplication', 'listMerchantApplications', 'listTodos'], lists: ['listApplications']},
  webhook_endpoint: {now: ['getWebhookEndpoint', 'listTodos'], lists: ['listWebhookEndpoints']},
  api_key: {now: [], lists: ['listAPIKeys']},
  member: {now: [], lists: ['listMembers']},
  tenant: {now: ['getTenant'], lists: []},
};

// news counts what happened to each list since it was last shown.
const counted = new Map<string, number>();
const watchers = new Set<() => void>();
const tell = () => { for (const w of watchers) w(); };
export const news = {
  of: (operation: Operation): number => counted.get(operation) ?? 0,
  add(operation: Operation): void { counted.set(operation, news.of(operation) + 1); tell(); },
  seen(operation: Operation): void { if (counted.delete(operation)) tell(); },
  subscribe(w: () => void): () => void { watchers.add(w); return () => { watchers.delete(w); }; },
};

const gatherFor = 800, firstWait = 1_000, longestWait = 15_000;

const pause = (ms: number, signal: AbortSignal) => new Promise<void>(done => {
  const t = setTimeout(done, ms);
  signal.addEventListener('abort', () => { clearTimeout(t); done(); }, {once: true});
});

// follow keeps what is shown true while the tab is seen, until the signal.
export async function follow(tenant: string, queries: QueryClient, signal: AbortSignal): Promise<void> {
  let last = '', wait = firstWait;
  const due = new Set<Operation>();
  let gathering: ReturnType<typeof setTimeout> | undefined;
  const happened = (subject: Schema<'EventSubjectType'>) => {
    const t = touched[subject];
    if (t === undefined) return;
    for (const o of t.now) due.add(o);
    for (const o of t.lists) news.add(o);
    gathering ??= setTimeout(() => {
      gathering = undefined;
      for (const o of due) void queries.invalidateQueries({queryKey: [o, tenant]});
      due.clear();
    }, gatherFor);
  };
  while (!signal.aborted) {
    if (document.visibilityState === 'hidden') {
      await new Promise<void>(done => {
        const seen = () => { document.removeEventListener('visibilitychange', seen); done(); };
        document.addEventListener('visibilitychange', seen);
        signal.addEventListener('abort', seen, {once: true});
      });
      continue;
    }
    const here = new AbortController(), stop = () => here.abort();
    const hidden = () => { if (document.visibilityState === 'hidden') stop(); };
    document.addEventListener('visibilitychange', hidden);
    signal.addEventListener('abort', stop, {once: true});
    try {
      const answer = await send(new Request(location.origin + '/v1/stream', {headers: {'Zhitong-Tenant': tenant, ...(last !== '' && {'Last-Event-ID': last})}, signal: here.signal}));
      wait = firstWait;
      if (answer.body !== null) {
        for await (const m of messages(answer.body)) {
          if (m.id !== '') last = m.id;
          if (m.data !== '') happened((JSON.parse(m.data) as {subject_type: Schema<'EventSubjectType'>}).subject_type);
        }
      }
    } catch {
      // Without the stream, what is shown is read again from time to time.
      if (!signal.aborted && !here.signal.aborted) void queries.invalidateQueries({refetchType: 'active'});
    }
    document.removeEventListener('visibilitychange', hidden);
    await pause(wait, signal);
    wait = Math.min(wait * 2, longestWait);
  }
  clearTimeout(gathering);
}

// followTask gives a task whenever it got on, until it has ended or the signal.
export async function followTask(tenant: string, task: string, got: (t: Schema<'Task'>) => void, signal: AbortSignal): Promise<void> {
  const answer = await send(new Request(`${location.origin}/v1/tasks/${task}/stream`, {headers: {'Zhitong-Tenant': tenant}, signal}));
  if (answer.body === null) return;
  for await (const m of messages(answer.body)) if (m.event === 'task') got(JSON.parse(m.data) as Schema<'Task'>);
}
