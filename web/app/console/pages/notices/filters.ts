import type {QueryOf} from '../../../api/client.ts';
import {cursor, oneOf, parse, text, type Search} from '../../../domain/filters.ts';

export const noticeFilters = {show: oneOf('routes', 'sent', 'texts'), status: oneOf('waiting', 'sent', 'failed', 'merged'), notice_route_id: text(40, /^[a-z]+_[0-9a-z]{26}$/), cursor} as const;

export function noticeQuery(search: Search): QueryOf<'listNotices'> {
  const {show: _, status, ...rest} = parse(noticeFilters, search);
  return {limit: 50, ...rest, ...(status?.[0] !== undefined && {status: status[0]})};
}

export const routeQuery = (search: Search): QueryOf<'listNoticeRoutes'> => ({limit: 50, ...parse({cursor}, search)});
