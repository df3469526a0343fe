import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, type QueryOf, type Schema} from '../client.ts';

export type OrderSplit = Schema<'OrderSplit'>;

export const listSplits = (tenant: string, query: QueryOf<'listSplits'>) => queryOptions({
  queryKey: ['listSplits', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/splits', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});
