import type {QueryOf} from '../../../api/client.ts';
import {cursor, day, oneOf, parse, text, type Search} from '../../../domain/filters.ts';
import {startOf} from '../../../domain/time.ts';

export const pageSize = 50;

export const orderFilters = {
  status: oneOf('awaiting_payment', 'paid', 'delivered', 'needs_review', 'closed', 'refunded'), from: day, to: day,
  reference: text(64), trade_no: text(64), out_trade_no: text(32, /^[0-9a-f]{32}$/), buyer_contact: text(128),
  merchant_of_record_id: text(40, /^mer_[0-9a-z]{26}$/), product_id: text(40, /^prd_[0-9a-z]{26}$/), cursor,
} as const;

// between is a range of days as the API takes it.
const between = ({from, to}: {from?: string; to?: string}) => ({...(from !== undefined && {created_from: startOf(from)}), ...(to !== undefined && {created_until: startOf(to)})});

export function orderQuery(search: Search): QueryOf<'listOrders'> {
  const {from, to, ...rest} = parse(orderFilters, search);
  return {limit: pageSize, include: ['count'], ...rest, ...between({...(from !== undefined && {from}), ...(to !== undefined && {to})})};
}

export const refundFilters = {status: oneOf('pending', 'succeeded', 'refused'), from: day, to: day, cursor} as const;

export function refundQuery(search: Search): QueryOf<'listRefunds'> {
  const {from, to, ...rest} = parse(refundFilters, search);
  return {limit: pageSize, include: ['count'], ...rest, ...between({...(from !== undefined && {from}), ...(to !== undefined && {to})})};
}
