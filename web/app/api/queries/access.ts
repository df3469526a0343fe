import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, type QueryOf, type Schema} from '../client.ts';

export type APIKey = Schema<'APIKey'>;
export type Role = Schema<'Role'>;
export type Permissions = Schema<'Permissions'>;

const keyed = (key: string) => ({'Idempotency-Key': key});

export const listAPIKeys = (tenant: string, query: QueryOf<'listAPIKeys'>) => queryOptions({
  queryKey: ['listAPIKeys', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/api_keys', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

export const getAPIKey = (tenant: string, api_key_id: string) => queryOptions({
  queryKey: ['getAPIKey', tenant, api_key_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/api_keys/{api_key_id}', {params: {path: {api_key_id}}, signal})),
});

export const createAPIKey = (tenant: string, body: Schema<'APIKeyCreate'>, key: string) =>
  read(client(tenant).POST('/v1/api_keys', {params: {header: keyed(key)}, body}));

export const rollAPIKey = (tenant: string, api_key_id: string, overlap_seconds: number, key: string) =>
  read(client(tenant).POST('/v1/api_keys/{api_key_id}/roll', {params: {path: {api_key_id}, header: keyed(key)}, body: {overlap_seconds}}));

export const revokeAPIKey = async (tenant: string, api_key_id: string): Promise<void> => {
  await client(tenant).DELETE('/v1/api_keys/{api_key_id}', {params: {path: {api_key_id}}});
};

export const listRoles = (tenant: string) => queryOptions({
  queryKey: ['listRoles', tenant],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/roles', {signal})),
  staleTime: Infinity,
});
