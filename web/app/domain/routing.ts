// What the routes of both applications have in common.
import type {QueryClient} from '@tanstack/react-query';
import type {Operation} from '../api/client.ts';
import {getSession, sessionOf} from '../api/session.ts';

export interface Context {queries: QueryClient}

// warm begins to read what a page will show, if the role may read it: on the way to the page, and when the pointer rests on a link to it.
export function warm({queries}: Context, tenant: string, operation: Operation, options: Parameters<QueryClient['prefetchQuery']>[0]): void {
  const told = queries.getQueryData(getSession(tenant).queryKey);
  if (told !== undefined && sessionOf(told)?.can(operation)) void queries.prefetchQuery(options);
}

// An address is written as people write it: names and values, nothing quoted.
const plainSearch = {
  parseSearch: (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search: Record<string, unknown>): string => {
    const set = Object.entries(search).filter((e): e is [string, string] => typeof e[1] === 'string' && e[1] !== '');
    return set.length === 0 ? '' : '?' + new URLSearchParams(set).toString();
  },
};

// usual is how both routers work.
export const usual = {defaultPreload: 'intent', defaultPreloadStaleTime: 0, scrollRestoration: true, ...plainSearch} as const;
