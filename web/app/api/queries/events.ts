import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, type QueryOf, type Schema} from '../client.ts';

export type Event = Schema<'Event'>;

export const listEvents = (tenant: string, query: QueryOf<'listEvents'>) => queryOptions({
  queryKey: ['listEvents', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/events', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

export const getEvent = (tenant: string, event_id: string) => queryOptions({
  queryKey: ['getEvent', tenant, event_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/events/{event_id}', {params: {path: {event_id}}, signal})),
});

export const listAuditLog = (tenant: string, query: QueryOf<'listAuditLog'>) => queryOptions({
  queryKey: ['listAuditLog', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/audit_log', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});
