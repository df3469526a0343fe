// What buyers and Alipay do in earnest, done at the simulator: in a sandbox alone.
import {queryOptions} from '@tanstack/react-query';
import {client, read, type Schema} from '../client.ts';

export type Sandbox = Schema<'Sandbox'>;
export type SandboxStep = Schema<'SandboxStep'>;

const keyed = (key: string) => ({'Idempotency-Key': key});

export const getSandbox = (tenant: string) => queryOptions({
  queryKey: ['getSandbox', tenant],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/sandbox', {signal})),
});

export const paySandboxOrder = (tenant: string, order_id: string, channel: Schema<'SandboxChannel'>, key: string) =>
  read(client(tenant).POST('/v1/sandbox/orders/{order_id}/pay', {params: {path: {order_id}, header: keyed(key)}, body: {channel}}));

export const failSandboxPayment = (tenant: string, order_id: string, reason: Schema<'SandboxFailure'>, key: string) =>
  read(client(tenant).POST('/v1/sandbox/orders/{order_id}/fail', {params: {path: {order_id}, header: keyed(key)}, body: {reason}}));

export const sendSandboxComplaint = (tenant: string, order_id: string, content: string, key: string) =>
  read(client(tenant).POST('/v1/sandbox/orders/{order_id}/complain', {params: {path: {order_id}, header: keyed(key)}, body: content === '' ? {} : {content}}));

export const decideSandboxApplication = (tenant: string, application_id: string, body: Schema<'SandboxDecide'>, key: string) =>
  read(client(tenant).POST('/v1/sandbox/applications/{application_id}/decide', {params: {path: {application_id}, header: keyed(key)}, body}));

export const setNextSandboxRefund = (tenant: string, outcome: Schema<'SandboxRefundOutcome'>, key: string) =>
  read(client(tenant).POST('/v1/sandbox/next_refund', {params: {header: keyed(key)}, body: {outcome}}));

export const moveSandboxClock = (tenant: string, advance_seconds: number, key: string) =>
  read(client(tenant).POST('/v1/sandbox/clock', {params: {header: keyed(key)}, body: {advance_seconds}}));
