import type {QueryOf} from '../../../api/client.ts';
import {cursor, day, oneOf, parse, text, type Search} from '../../../domain/filters.ts';
import {startOf} from '../../../domain/time.ts';

export const memberFilters = {cursor} as const;

export const roleFilters = {role: text(16, /^[a-z]+$/)} as const;

export const auditFilters = {actor_kind: oneOf('api_key', 'member', 'buyer', 'system'), action: text(256, /^[A-Za-z_]+(,[A-Za-z_]+)*$/), subject_id: text(64), from: day, to: day, cursor} as const;

export function auditQuery(search: Search): QueryOf<'listAuditLog'> {
  const {from, to, action, ...rest} = parse(auditFilters, search);
  return {
    limit: 50, ...rest, ...(action !== undefined && {action: action.split(',')}),
    ...(from !== undefined && {created_from: startOf(from)}), ...(to !== undefined && {created_until: startOf(to)}),
  };
}
