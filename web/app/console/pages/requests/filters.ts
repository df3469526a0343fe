import type {QueryOf} from '../../../api/client.ts';
import {cursor, day, oneOf, parse, text, type Search} from '../../../domain/filters.ts';
import {startOf} from '../../../domain/time.ts';

export const isRequest = (id: string): boolean => /^req_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(id);

export const requestFilters = {
  outcome: oneOf('failed'), operation: text(60, /^[A-Za-z]+$/), error_code: text(60, /^[a-z0-9_]+$/), actor_id: text(64, /^[0-9a-z_]+$/), from: day, to: day, cursor,
} as const;

export function requestQuery(search: Search): QueryOf<'listRequests'> {
  const {from, to, outcome, ...rest} = parse(requestFilters, search);
  return {limit: 50, ...rest, ...(outcome?.[0] !== undefined && {outcome: outcome[0]}), ...(from !== undefined && {created_from: startOf(from)}), ...(to !== undefined && {created_until: startOf(to)})};
}
