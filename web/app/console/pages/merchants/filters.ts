import type {QueryOf} from '../../../api/client.ts';
import {cursor, oneOf, parse, text, type Search} from '../../../domain/filters.ts';

export const merchantFilters = {kind: oneOf('supplier', 'distributor'), status: oneOf('pending', 'active', 'suspended'), name: text(80), cursor} as const;

// The API takes one kind and one status.
export function merchantQuery(search: Search): QueryOf<'listMerchants'> {
  const {kind, status, ...rest} = parse(merchantFilters, search);
  return {limit: 50, include: ['count'], ...rest, ...(kind?.[0] && {kind: kind[0]}), ...(status?.[0] && {status: status[0]})};
}
