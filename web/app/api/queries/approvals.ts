import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, type QueryOf, type Schema} from '../client.ts';

export type Approval = Schema<'Approval'>;

export const listApprovals = (tenant: string, query: QueryOf<'listApprovals'>) => queryOptions({
  queryKey: ['listApprovals', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/approvals', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

export const getApproval = (tenant: string, approval_id: string) => queryOptions({
  queryKey: ['getApproval', tenant, approval_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/approvals/{approval_id}', {params: {path: {approval_id}}, signal})),
});

const of = (approval_id: string, key: string) => ({path: {approval_id}, header: {'Idempotency-Key': key}});

export const createApproval = (tenant: string, body: Schema<'ApprovalCreate'>, key: string) =>
  read(client(tenant).POST('/v1/approvals', {params: {header: {'Idempotency-Key': key}}, body}));

export const approveApproval = (tenant: string, id: string, key: string) =>
  read(client(tenant).POST('/v1/approvals/{approval_id}/approve', {params: of(id, key)}));

export const refuseApproval = (tenant: string, id: string, reason: string, key: string) =>
  read(client(tenant).POST('/v1/approvals/{approval_id}/refuse', {params: of(id, key), body: {reason}}));

export const withdrawApproval = (tenant: string, id: string, key: string) =>
  read(client(tenant).POST('/v1/approvals/{approval_id}/withdraw', {params: of(id, key)}));
