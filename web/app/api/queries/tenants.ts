import {queryOptions} from '@tanstack/react-query';
import {client, read, see, unchanged, type Schema, type Seen} from '../client.ts';

export type Tenant = Schema<'Tenant'>;

export const getTenant = (tenant: string) => queryOptions({
  queryKey: ['getTenant', tenant],
  queryFn: ({signal}) => see(client(tenant).GET('/v1/tenant', {signal})),
});

export const updateTenant = (tenant: string, seen: Seen<Tenant>, body: Schema<'TenantUpdate'>) => read(client(tenant).PATCH('/v1/tenant', {params: {header: unchanged(seen)}, body}));
