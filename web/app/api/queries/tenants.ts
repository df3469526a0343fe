import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, see, unchanged, type Schema, type Seen} from '../client.ts';

export type Tenant = Schema<'Tenant'>;

export const getTenant = (tenant: string) => queryOptions({
  queryKey: ['getTenant', tenant],
  queryFn: ({signal}) => see(client(tenant).GET('/v1/tenant', {signal})),
});

export const updateTenant = (tenant: string, seen: Seen<Tenant>, body: Schema<'TenantUpdate'>) => read(client(tenant).PATCH('/v1/tenant', {params: {header: unchanged(seen)}, body}));

export type Shop = Schema<'Shop'>;

export const getShop = (tenant: string) => queryOptions({
  queryKey: ['getShop', tenant],
  queryFn: ({signal}) => see(client(tenant).GET('/v1/shop', {signal})),
});

// getShopColors is what pages would have of an accent; what was shown before stays until it is there.
export const getShopColors = (tenant: string, accent: string) => queryOptions({
  queryKey: ['getShopColors', tenant, accent],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/shop/colors', {params: {query: {accent}}, signal})),
  placeholderData: keepPreviousData, staleTime: Infinity,
});

export const putShop = (tenant: string, seen: Seen<Shop>, body: Schema<'ShopPut'>) => read(client(tenant).PUT('/v1/shop', {params: {header: unchanged(seen)}, body}));

// putShopLogo sends the picture as it is; the server tells by its first bytes what it is.
export const putShopLogo = (tenant: string, picture: File) =>
  read(client(tenant).PUT('/v1/shop/logo', {body: picture as unknown as string, bodySerializer: b => b, headers: {'Content-Type': picture.type || 'image/png'}}));

export const deleteShopLogo = (tenant: string) => client(tenant).DELETE('/v1/shop/logo');
