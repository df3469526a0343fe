import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, see, unchanged, type QueryOf, type Schema, type Seen} from '../client.ts';

export type Product = Schema<'Product'>;
export type CardKeyImport = Schema<'CardKeyImport'>;
export type StockCardKey = Schema<'StockCardKey'>;

export const listProducts = (tenant: string, query: QueryOf<'listProducts'>) => queryOptions({
  queryKey: ['listProducts', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/products', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

export const getProduct = (tenant: string, product_id: string) => queryOptions({
  queryKey: ['getProduct', tenant, product_id],
  queryFn: ({signal}) => see(client(tenant).GET('/v1/products/{product_id}', {params: {path: {product_id}}, signal})),
});

export const getStock = (tenant: string, product_id: string) => queryOptions({
  queryKey: ['getStock', tenant, product_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/products/{product_id}/stock', {params: {path: {product_id}}, signal})),
});

export const listCardKeyImports = (tenant: string, product_id: string) => queryOptions({
  queryKey: ['listCardKeyImports', tenant, product_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/products/{product_id}/card_key_imports', {params: {path: {product_id}, query: {limit: 20}}, signal})),
});

export const listCardKeys = (tenant: string, product_id: string, query: QueryOf<'listCardKeys'>) => queryOptions({
  queryKey: ['listCardKeys', tenant, product_id, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/products/{product_id}/card_keys', {params: {path: {product_id}, query}, signal})),
  placeholderData: keepPreviousData,
});

export const listStock = (tenant: string, query: QueryOf<'listStock'>) => queryOptions({
  queryKey: ['listStock', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/stock', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

const keyed = (key: string) => ({'Idempotency-Key': key});

export const createProduct = (tenant: string, body: Schema<'ProductCreate'>, key: string) =>
  read(client(tenant).POST('/v1/products', {params: {header: keyed(key)}, body}));

export const updateProduct = (tenant: string, product: Seen<Product>, body: Schema<'ProductUpdate'>) =>
  read(client(tenant).PATCH('/v1/products/{product_id}', {params: {path: {product_id: product.id}, header: unchanged(product)}, body}));

export const importCardKeys = (tenant: string, product_id: string, card_keys: string[], key: string) =>
  read(client(tenant).POST('/v1/products/{product_id}/card_keys', {params: {path: {product_id}, header: keyed(key)}, body: {card_keys}}));

export const createCardKeyImport = (tenant: string, product_id: string, file_id: string, key: string) =>
  read(client(tenant).POST('/v1/products/{product_id}/card_key_imports', {params: {path: {product_id}, header: keyed(key)}, body: {file_id}}));

// importsSince are a product's imports that were made after something, by its identifier: identifiers sort by time.
export async function importsSince(tenant: string, product_id: string, id: string): Promise<CardKeyImport[]> {
  const after = id.slice(id.indexOf('_')), found: CardKeyImport[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await read(client(tenant).GET('/v1/products/{product_id}/card_key_imports', {params: {path: {product_id}, query: {limit: 100, ...(cursor !== undefined && {cursor})}}}));
    const later = page.data.filter(i => i.id.slice(i.id.indexOf('_')) > after);
    found.push(...later);
    if (later.length < page.data.length || page.next_cursor === undefined) return found;
    cursor = page.next_cursor;
  }
}

export const voidCardKeyImport = (tenant: string, card_key_import_id: string, reason: string, key: string) =>
  read(client(tenant).POST('/v1/card_key_imports/{card_key_import_id}/void', {params: {path: {card_key_import_id}, header: keyed(key)}, body: {reason}}));

export const voidCardKey = (tenant: string, card_key_id: string, reason: string, key: string) =>
  read(client(tenant).POST('/v1/card_keys/{card_key_id}/void', {params: {path: {card_key_id}, header: keyed(key)}, body: {reason}}));
