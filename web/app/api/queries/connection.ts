import {queryOptions} from '@tanstack/react-query';
import {client, read, type Schema} from '../client.ts';

export type Connection = Schema<'AlipayConnection'>;
export type ConnectionPut = Schema<'AlipayConnectionPut'>;
export type Check = Schema<'AlipayCheck'>;

// getAlipayConnection is the identifiers of the connection; keys are never told.
export const getAlipayConnection = (tenant: string) => queryOptions({
  queryKey: ['getAlipayConnection', tenant],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/alipay_connection', {signal})),
  retry: false,
});

export const putAlipayConnection = (tenant: string, body: ConnectionPut) => read(client(tenant).PUT('/v1/alipay_connection', {body}));

export const checkAlipayConnection = (tenant: string, key: string) =>
  read(client(tenant).POST('/v1/alipay_connection/check', {params: {header: {'Idempotency-Key': key}}}));

export const createLiveTenant = (tenant: string, name: string, key: string) =>
  read(client(tenant).POST('/v1/live_tenant', {params: {header: {'Idempotency-Key': key}}, body: name === '' ? {} : {name}}));
