import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {asProblem} from '../problem.ts';
import {client, read, type QueryOf, type Schema} from '../client.ts';

export type RequestEntry = Schema<'RequestEntry'>;
export type RequestDetail = Schema<'RequestDetail'>;

export const listRequests = (tenant: string, query: QueryOf<'listRequests'>) => queryOptions({
  queryKey: ['listRequests', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/requests', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

const written = 3, second = 1_000;

// getRequest waits a moment for what was answered just now: the log is written about once a second.
export const getRequest = (tenant: string, request_id: string) => queryOptions({
  queryKey: ['getRequest', tenant, request_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/requests/{request_id}', {params: {path: {request_id}}, signal})),
  retry: (times: number, thrown: Error) => asProblem(thrown).code === 'request_not_found' && times < written, retryDelay: second,
});
