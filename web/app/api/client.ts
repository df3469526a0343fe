// The one place that sends requests. No token is here: the browser holds the session in a cookie that no script reads.
import createClient from 'openapi-fetch';
import {gate} from './gate.ts';
import {ProblemError, problemOf, unreachable} from './problem.ts';
import type {components, operations, paths} from './schema.d.ts';

export type Schema<K extends keyof components['schemas']> = components['schemas'][K];
export type Operation = keyof operations;
export type QueryOf<O extends Operation> = operations[O] extends {parameters: {query?: infer Q}} ? NonNullable<Q> : never;

const around = {language: 'zh', known: false};

// speak says in which language the server's words are to be.
export const speak = (language: 'zh' | 'en'): void => { around.language = language; };

// met says that somebody is signed in: from now on a session that ends is asked for over the page, and not instead of it.
export const met = (): void => { around.known = true; };

export const signInAddress = (): string => '/sign-in?next=' + encodeURIComponent(location.pathname + location.search);

async function once(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (e) {
    if (request.signal.aborted) throw e;
    throw new ProblemError({code: unreachable, status: 0});
  }
}

// send sends a request until it is answered: a session that ended, and a proof that is wanted, come in between; the same request goes on after them, with
// the same Idempotency-Key.
export async function send(request: Request): Promise<Response> {
  request.headers.set('Accept-Language', around.language);
  for (;;) {
    const answer = await once(request.clone());
    if (answer.ok || answer.status === 304) return answer;
    const problem = await problemOf(answer);
    if (problem.code === 'session_ended' || problem.code === 'unauthenticated') {
      if (!around.known) {
        location.replace(signInAddress());
        return new Promise(() => undefined); // the browser is on its way
      }
      if (await gate.ask('sign-in')) continue;
    } else if (problem.code === 'reauthentication_required' && await gate.ask('proof')) {
      continue;
    }
    throw problem;
  }
}

const clients = new Map<string, ReturnType<typeof createClient<paths>>>();

// client is the API as a platform's member sees it; without one, as a person does.
export function client(tenant = ''): ReturnType<typeof createClient<paths>> {
  let c = clients.get(tenant);
  if (c === undefined) {
    c = createClient<paths>({baseUrl: location.origin, fetch: send, headers: tenant === '' ? {} : {'Zhitong-Tenant': tenant}, querySerializer: {array: {style: 'form', explode: false}}});
    clients.set(tenant, c);
  }
  return c;
}

// read takes the body out of an answer; what is no success was thrown by send.
export async function read<T>(answer: Promise<{data?: T; response: Response}>): Promise<NonNullable<T>> {
  const {data} = await answer;
  return data as NonNullable<T>;
}

// content is the text of a file.
export async function content(tenant: string, path: string): Promise<string> {
  return (await send(new Request(location.origin + path, {headers: {'Zhitong-Tenant': tenant}}))).text();
}

// Seen is a thing as it was read, with the name of that state: an edit is made to the state that somebody saw, or it is not made.
export type Seen<T> = T & {readonly etag: string};

// see is read for a thing that can be edited. A proxy that compresses calls the name weak, but it names the state and not the bytes.
export async function see<T>(answer: Promise<{data?: T; response: Response}>): Promise<Seen<NonNullable<T>>> {
  const {data, response} = await answer;
  return {...data as NonNullable<T>, etag: (response.headers.get('ETag') ?? '').replace(/^W\//, '')};
}

// unchanged is what an edit sends along: another state than the one that was seen is not overwritten, the answer is 412.
export const unchanged = (seen: Seen<unknown>): {'If-Match': string} => ({'If-Match': seen.etag});

// download keeps the content of a file under its name.
export async function download(tenant: string, path: string, name: string): Promise<void> {
  const answer = await send(new Request(location.origin + path, {headers: {'Zhitong-Tenant': tenant}}));
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
