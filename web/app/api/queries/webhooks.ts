import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, see, unchanged, type QueryOf, type Schema, type Seen} from '../client.ts';

export type Endpoint = Schema<'WebhookEndpoint'>;
export type Attempt = Schema<'WebhookAttempt'>;
export type AttemptDetail = Schema<'WebhookAttemptDetail'>;
export type EventType = Schema<'EventType'>;

const keyed = (key: string) => ({'Idempotency-Key': key});
const of = (endpoint_id: string) => ({path: {endpoint_id}});

export const listWebhookEndpoints = (tenant: string, query: QueryOf<'listWebhookEndpoints'>) => queryOptions({
  queryKey: ['listWebhookEndpoints', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/webhook_endpoints', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

export const getWebhookEndpoint = (tenant: string, endpoint_id: string) => queryOptions({
  queryKey: ['getWebhookEndpoint', tenant, endpoint_id],
  queryFn: ({signal}) => see(client(tenant).GET('/v1/webhook_endpoints/{endpoint_id}', {params: of(endpoint_id), signal})),
});

export const createWebhookEndpoint = (tenant: string, body: Schema<'WebhookEndpointCreate'>, key: string) =>
  read(client(tenant).POST('/v1/webhook_endpoints', {params: {header: keyed(key)}, body}));

export const updateWebhookEndpoint = (tenant: string, endpoint: Seen<Endpoint>, body: Schema<'WebhookEndpointUpdate'>) =>
  read(client(tenant).PATCH('/v1/webhook_endpoints/{endpoint_id}', {params: {...of(endpoint.id), header: unchanged(endpoint)}, body}));

export const deleteWebhookEndpoint = async (tenant: string, endpoint: Seen<Endpoint>): Promise<void> => {
  await client(tenant).DELETE('/v1/webhook_endpoints/{endpoint_id}', {params: {...of(endpoint.id), header: unchanged(endpoint)}});
};

export const rotateWebhookSecret = (tenant: string, endpoint_id: string, overlap_seconds: number, key: string) =>
  read(client(tenant).POST('/v1/webhook_endpoints/{endpoint_id}/rotate_secret', {params: {...of(endpoint_id), header: keyed(key)}, body: {overlap_seconds}}));

export const testWebhookEndpoint = (tenant: string, endpoint_id: string, key: string) =>
  read(client(tenant).POST('/v1/webhook_endpoints/{endpoint_id}/test', {params: {...of(endpoint_id), header: keyed(key)}}));

export const listWebhookAttempts = (tenant: string, endpoint_id: string, query: QueryOf<'listWebhookAttempts'>) => queryOptions({
  queryKey: ['listWebhookAttempts', tenant, {endpoint_id, ...query}],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/webhook_endpoints/{endpoint_id}/attempts', {params: {...of(endpoint_id), query}, signal})),
  placeholderData: keepPreviousData,
});

export const getWebhookAttempt = (tenant: string, endpoint_id: string, attempt_id: string) => queryOptions({
  queryKey: ['getWebhookAttempt', tenant, endpoint_id, attempt_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/webhook_endpoints/{endpoint_id}/attempts/{attempt_id}', {params: {path: {endpoint_id, attempt_id}}, signal})),
});

export const resendEventToEndpoint = (tenant: string, endpoint_id: string, event_id: string, key: string) =>
  read(client(tenant).POST('/v1/webhook_endpoints/{endpoint_id}/events/{event_id}/resend', {params: {path: {endpoint_id, event_id}, header: keyed(key)}}));
