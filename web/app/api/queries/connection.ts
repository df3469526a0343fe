import {queryOptions} from '@tanstack/react-query';
import {client, read, see, unchanged, type Schema, type Seen} from '../client.ts';

export type Connection = Schema<'AlipayConnection'>;
export type ConnectionPut = Schema<'AlipayConnectionPut'>;
export type Check = Schema<'AlipayCheck'>;

// getAlipayConnection is the identifiers of the connection; keys are never told.
export const getAlipayConnection = (tenant: string) => queryOptions({
  queryKey: ['getAlipayConnection', tenant],
  queryFn: ({signal}) => see(client(tenant).GET('/v1/alipay_connection', {signal})),
  retry: false,
});

// putAlipayConnection replaces the connection that was seen, or makes the first.
export const putAlipayConnection = (tenant: string, seen: Seen<Connection> | undefined, body: ConnectionPut) =>
  read(client(tenant).PUT('/v1/alipay_connection', {params: {header: seen === undefined ? {} : unchanged(seen)}, body}));

export const checkAlipayConnection = (tenant: string, key: string) =>
  read(client(tenant).POST('/v1/alipay_connection/check', {params: {header: {'Idempotency-Key': key}}}));

export const createLiveTenant = (tenant: string, name: string, key: string) =>
  read(client(tenant).POST('/v1/live_tenant', {params: {header: {'Idempotency-Key': key}}, body: name === '' ? {} : {name}}));
