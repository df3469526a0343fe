import type {QueryOf} from '../../../api/client.ts';
import {cursor, oneOf, parse, text, type Search} from '../../../domain/filters.ts';

export const goodsFilters = {status: oneOf('active', 'archived'), name: text(120), cursor} as const;

// goodsQuery serves the list of goods, and that of their stock: both are in one order.
export function goodsQuery(search: Search): QueryOf<'listProducts'> & QueryOf<'listStock'> {
  const {status, ...rest} = parse(goodsFilters, search);
  return {limit: 30, ...rest, ...(status?.[0] && {status: status[0]})};
}
