import type {QueryOf} from '../../../api/client.ts';
import {cursor, oneOf, parse, type Search} from '../../../domain/filters.ts';

export const caseFilters = {
  status: oneOf('open', 'closed'), cursor,
  kind: oneOf('amount_mismatch', 'seller_mismatch', 'foreign_notice', 'paid_after_close', 'undeliverable', 'split_refused', 'settle_suspended', 'refund_refused', 'refund_incomplete', 'unknown_too_long', 'smid_taken',
    'webhook_disabled', 'notice_route_failing', 'outside_refund', 'refund_mismatch', 'settlement_mismatch', 'split_mismatch', 'close_mismatch'),
} as const;

// The API takes one status.
export function caseQuery(search: Search): QueryOf<'listCases'> {
  const {status, ...rest} = parse(caseFilters, search);
  return {limit: 50, ...rest, ...(status?.[0] && {status: status[0]})};
}
