import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, type QueryOf, type Schema} from '../client.ts';

export type Order = Schema<'Order'>;
export type Refund = Schema<'Refund'>;
export type Plan = Schema<'RefundPlan'>;
export type OrderSplit = Schema<'OrderSplit'>;

export const listOrders = (tenant: string, query: QueryOf<'listOrders'>) => queryOptions({
  queryKey: ['listOrders', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/orders', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

export const getOrder = (tenant: string, order_id: string) => queryOptions({
  queryKey: ['getOrder', tenant, order_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/orders/{order_id}', {params: {path: {order_id}}, signal})),
});

export const getOrderTimeline = (tenant: string, order_id: string, lang: 'zh' | 'en') => queryOptions({
  queryKey: ['getOrderTimeline', tenant, order_id, lang],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/orders/{order_id}/timeline', {params: {path: {order_id}, query: {lang}}, signal})),
});

export const getOrderSplit = (tenant: string, order_id: string) => queryOptions({
  queryKey: ['getOrderSplit', tenant, order_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/orders/{order_id}/split', {params: {path: {order_id}}, signal})),
});

export const listOrderRefunds = (tenant: string, order_id: string) => queryOptions({
  queryKey: ['listOrderRefunds', tenant, order_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/orders/{order_id}/refunds', {params: {path: {order_id}}, signal})),
});

export const listRefunds = (tenant: string, query: QueryOf<'listRefunds'>) => queryOptions({
  queryKey: ['listRefunds', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/refunds', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

const keyed = (key: string) => ({'Idempotency-Key': key});

export const createOrder = (tenant: string, body: Schema<'OrderCreate'>, key: string) =>
  read(client(tenant).POST('/v1/orders', {params: {header: keyed(key)}, body}));

// planRefund is what a refund would do at this moment: nothing of it is kept.
export const planRefund = (tenant: string, order_id: string) => queryOptions({
  queryKey: ['planRefund', tenant, order_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/orders/{order_id}/refund_plan', {params: {path: {order_id}}, signal})),
  staleTime: 0, gcTime: 0,
});

export const createRefund = (tenant: string, order_id: string, reason: string, key: string) =>
  read(client(tenant).POST('/v1/orders/{order_id}/refunds', {params: {path: {order_id}, header: keyed(key)}, body: reason === '' ? {} : {reason}}));

export const closeOrder = (tenant: string, order_id: string, key: string) =>
  read(client(tenant).POST('/v1/orders/{order_id}/close', {params: {path: {order_id}, header: keyed(key)}}));

export const resendEvent = (tenant: string, event_id: string, key: string) =>
  read(client(tenant).POST('/v1/events/{event_id}/resend', {params: {path: {event_id}, header: keyed(key)}}));

export const retryOrderSplit = (tenant: string, order_id: string, key: string) =>
  read(client(tenant).POST('/v1/orders/{order_id}/split/retry', {params: {path: {order_id}, header: keyed(key)}}));

// eventsOf are the newest events of an order, to send again.
export const listEventsOf = (tenant: string, subject_id: string) => queryOptions({
  queryKey: ['listEvents', tenant, {subject_id}],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/events', {params: {query: {subject_id, limit: 20}}, signal})),
});
