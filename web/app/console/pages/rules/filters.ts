import type {QueryOf} from '../../../api/client.ts';
import {cursor, oneOf, parse, text, type Search} from '../../../domain/filters.ts';

export const ruleFilters = {status: oneOf('active', 'archived'), cursor} as const;

// The API takes one status.
export function ruleQuery(search: Search): QueryOf<'listSplitRules'> {
  const {status, ...rest} = parse(ruleFilters, search);
  return {limit: 50, ...rest, ...(status?.[0] && {status: status[0]})};
}

// compared are the numbers of the two versions that stand beside each other.
export const compared = {a: text(6, /^\d+$/), b: text(6, /^\d+$/)} as const;
