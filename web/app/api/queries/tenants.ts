import {queryOptions} from '@tanstack/react-query';
import {client, read, type Schema} from '../client.ts';

export type Tenant = Schema<'Tenant'>;

export const getTenant = (tenant: string) => queryOptions({
  queryKey: ['getTenant', tenant],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/tenant', {signal})),
});

export const updateTenant = (tenant: string, body: Schema<'TenantUpdate'>) => read(client(tenant).PATCH('/v1/tenant', {body}));
