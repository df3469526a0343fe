import type {QueryOf} from '../../../api/client.ts';
import {cursor, day, oneOf, parse, type Search} from '../../../domain/filters.ts';
import {startOf} from '../../../domain/time.ts';

export const splitFilters = {status: oneOf('pending', 'completed', 'refused', 'canceled'), settlement_status: oneOf('pending', 'done', 'refused'), from: day, to: day, cursor} as const;

export function splitQuery(search: Search): QueryOf<'listSplits'> {
  const {from, to, ...rest} = parse(splitFilters, search);
  return {limit: 50, ...rest, ...(from !== undefined && {created_from: startOf(from)}), ...(to !== undefined && {created_until: startOf(to)})};
}
