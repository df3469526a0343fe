import type {QueryOf} from '../../../api/client.ts';
import {cursor, oneOf, parse, text, type Search} from '../../../domain/filters.ts';

const nameMax = 80;

export const importFilters = {task: text(40, /^tsk_[0-9a-z]{26}$/)} as const;

export const productFilters = {status: oneOf('active', 'archived'), name: text(nameMax), cursor} as const;

// The API takes one status.
export function productQuery(search: Search): QueryOf<'listProducts'> {
  const {status, ...rest} = parse(productFilters, search);
  return {limit: 50, ...rest, ...(status?.[0] && {status: status[0]})};
}

export const cardKeyFilters = {status: oneOf('available', 'reserved', 'delivered', 'void'), import_id: text(40, /^imp_[0-9a-z]{26}$/), cursor} as const;
export const cardKeyQuery = (search: Search): QueryOf<'listCardKeys'> => ({limit: 50, ...parse(cardKeyFilters, search)});
