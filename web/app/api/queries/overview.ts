import {queryOptions} from '@tanstack/react-query';
import {client, read, type Schema} from '../client.ts';

export type Overview = Schema<'Overview'>;
export type Todo = Schema<'Todo'>;

const minute = 60_000;

export const getOverview = (tenant: string) => queryOptions({
  queryKey: ['getOverview', tenant],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/overview', {signal})),
  refetchInterval: minute,
});

export const listTodos = (tenant: string) => queryOptions({
  queryKey: ['listTodos', tenant],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/overview/todos', {signal})),
  refetchInterval: minute,
});

export const listTop = (tenant: string, of: 'products' | 'merchants', from: string, until: string) => queryOptions({
  queryKey: ['listTop', tenant, {of, from, until}],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/overview/top', {params: {query: {of, from, until, limit: 5}}, signal})),
});

export const getGoLiveChecklist = (tenant: string) => queryOptions({
  queryKey: ['getGoLiveChecklist', tenant],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/go_live_checklist', {signal})),
});

export const search = (tenant: string, q: string) => queryOptions({
  queryKey: ['search', tenant, q],
  queryFn: ({signal}) => read(client(tenant).POST('/v1/search', {body: {q}, signal})),
  staleTime: minute,
});
