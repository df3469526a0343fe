import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, type QueryOf, type Schema} from '../client.ts';

export type Case = Schema<'Case'>;
export type OrderReview = Schema<'OrderReview'>;
export type ReviewDecision = Schema<'ReviewDecision'>;

export const listCases = (tenant: string, query: QueryOf<'listCases'>) => queryOptions({
  queryKey: ['listCases', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/cases', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

export const getCase = (tenant: string, case_id: string) => queryOptions({
  queryKey: ['getCase', tenant, case_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/cases/{case_id}', {params: {path: {case_id}}, signal})),
});

export const listCaseAssignees = (tenant: string) => queryOptions({
  queryKey: ['listCaseAssignees', tenant],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/case_assignees', {signal})),
});

// getOrderReview is the latest decision on a payment that did not fit; an order that never needed one has none.
export const getOrderReview = (tenant: string, order_id: string) => queryOptions({
  queryKey: ['getOrderReview', tenant, order_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/orders/{order_id}/review', {params: {path: {order_id}}, signal})),
  retry: false,
});

const keyed = (key: string) => ({'Idempotency-Key': key});

export const closeCase = (tenant: string, case_id: string, note: string, key: string) =>
  read(client(tenant).POST('/v1/cases/{case_id}/close', {params: {path: {case_id}, header: keyed(key)}, body: {note}}));

// assignCase gives the case to a member, or to nobody.
export const assignCase = (tenant: string, case_id: string, member_id: string | undefined) =>
  read(client(tenant).PUT('/v1/cases/{case_id}/assignee', {params: {path: {case_id}}, body: member_id === undefined ? {} : {member_id}}));

export const addCaseNote = (tenant: string, case_id: string, text: string, key: string) =>
  read(client(tenant).POST('/v1/cases/{case_id}/notes', {params: {path: {case_id}, header: keyed(key)}, body: {text}}));

export const decideOrderReview = (tenant: string, order_id: string, body: Schema<'OrderReviewDecide'>, key: string) =>
  read(client(tenant).POST('/v1/orders/{order_id}/review', {params: {path: {order_id}, header: keyed(key)}, body}));

export const confirmOrderReview = (tenant: string, order_id: string, key: string) =>
  read(client(tenant).POST('/v1/orders/{order_id}/review/confirm', {params: {path: {order_id}, header: keyed(key)}}));

export const withdrawOrderReview = (tenant: string, order_id: string, key: string) =>
  read(client(tenant).POST('/v1/orders/{order_id}/review/withdraw', {params: {path: {order_id}, header: keyed(key)}}));
