import type {QueryOf} from '../../../api/client.ts';
import {cursor, oneOf, parse, type Search} from '../../../domain/filters.ts';

export const views = ['collected', 'parts', 'refunds'] as const;
export type View = (typeof views)[number];

export const moneyFilters = {view: oneOf(...views), settlement_status: oneOf('pending', 'done', 'refused'), cursor} as const;

const limit = 30;

export const viewOf = (search: Search): View => parse(moneyFilters, search).view?.[0] ?? 'collected';
export const pageQuery = (search: Search): QueryOf<'listMerchantSplits'> => { const {cursor} = parse(moneyFilters, search); return {limit, ...(cursor !== undefined && {cursor})}; };

export function splitQuery(search: Search): QueryOf<'listSplits'> {
  const {settlement_status} = parse(moneyFilters, search);
  return {...pageQuery(search), ...(settlement_status !== undefined && {settlement_status})};
}
