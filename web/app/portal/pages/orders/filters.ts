import type {QueryOf} from '../../../api/client.ts';
import {cursor, day, oneOf, parse, text, type Search} from '../../../domain/filters.ts';
import {startOf} from '../../../domain/time.ts';

export const orderFilters = {
  status: oneOf('awaiting_payment', 'paid', 'delivered', 'needs_review', 'closed', 'refunded'), from: day, to: day, reference: text(64), trade_no: text(64), product_id: text(40, /^prd_[0-9a-z]{26}$/), cursor,
} as const;

export function orderQuery(search: Search): QueryOf<'listOrders'> {
  const {from, to, ...rest} = parse(orderFilters, search);
  return {limit: 30, include: ['count'], ...rest, ...(from !== undefined && {created_from: startOf(from)}), ...(to !== undefined && {created_until: startOf(to)})};
}
