import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, see, unchanged, type QueryOf, type Schema, type Seen} from '../client.ts';

export type Member = Schema<'Member'>;
export type Invitation = Schema<'Invitation'>;

export const listMembers = (tenant: string, query: QueryOf<'listMembers'>) => queryOptions({
  queryKey: ['listMembers', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/members', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

export const getMember = (tenant: string, member_id: string) => queryOptions({
  queryKey: ['getMember', tenant, member_id],
  queryFn: ({signal}) => see(client(tenant).GET('/v1/members/{member_id}', {params: {path: {member_id}}, signal})),
});

export const updateMember = (tenant: string, member: Seen<Member>, body: Schema<'MemberUpdate'>) =>
  read(client(tenant).PATCH('/v1/members/{member_id}', {params: {path: {member_id: member.id}, header: unchanged(member)}, body}));

export const removeMember = async (tenant: string, member: Seen<Member>): Promise<void> => {
  await client(tenant).DELETE('/v1/members/{member_id}', {params: {path: {member_id: member.id}, header: unchanged(member)}});
};

export const listInvitations = (tenant: string) => queryOptions({
  queryKey: ['listInvitations', tenant],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/invitations', {params: {query: {limit: 100}}, signal})),
});

export const createInvitation = (tenant: string, body: Schema<'InvitationCreate'>, key: string) =>
  read(client(tenant).POST('/v1/invitations', {params: {header: {'Idempotency-Key': key}}, body}));

export const revokeInvitation = async (tenant: string, invitation_id: string): Promise<void> => {
  await client(tenant).DELETE('/v1/invitations/{invitation_id}', {params: {path: {invitation_id}}});
};
