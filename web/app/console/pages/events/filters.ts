import type {QueryOf} from '../../../api/client.ts';
import {cursor, day, oneOf, parse, text, type Search} from '../../../domain/filters.ts';
import {startOf} from '../../../domain/time.ts';

export const eventFilters = {
  type: text(1024, /^[a-z_]+\.[a-z_]+(,[a-z_]+\.[a-z_]+)*$/), // a list, which is not written out here: the page loads it
  subject_type: oneOf('order', 'refund', 'split', 'application', 'merchant', 'case', 'webhook_endpoint', 'task', 'api_key', 'member', 'invitation', 'tenant', 'erasure', 'notice_route', 'approval'),
  subject_id: text(64, /^[0-9a-z_]+$/), from: day, to: day, cursor,
} as const;

export function eventQuery(search: Search): QueryOf<'listEvents'> {
  const {from, to, type, subject_type, ...rest} = parse(eventFilters, search);
  return {
    limit: 50, include: ['count'], ...rest, ...(type !== undefined && {type: type.split(',') as NonNullable<QueryOf<'listEvents'>['type']>}), ...(subject_type?.[0] !== undefined && {subject_type: subject_type[0]}),
    ...(from !== undefined && {created_from: startOf(from)}), ...(to !== undefined && {created_until: startOf(to)}),
  };
}
