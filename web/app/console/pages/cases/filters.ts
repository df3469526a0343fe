import type {QueryOf} from '../../../api/client.ts';
import {cursor, oneOf, parse, text, type Search} from '../../../domain/filters.ts';

export const caseFilters = {
  view: oneOf('mine', 'closed'), cursor, assignee: text(40, /^(none|mem_[0-9a-z]{26})$/), hours: text(4, /^(1|24|72|168)$/),
  kind: oneOf('amount_mismatch', 'seller_mismatch', 'foreign_notice', 'paid_after_close', 'undeliverable', 'split_refused', 'settle_suspended', 'refund_refused', 'refund_incomplete', 'unknown_too_long', 'smid_taken',
    'webhook_disabled', 'notice_route_failing', 'outside_refund', 'refund_mismatch', 'settlement_mismatch', 'split_mismatch', 'close_mismatch'),
} as const;

export const waits = ['1', '24', '72', '168'] as const;

// What waits is shown first; mine are those of mine that wait.
export function caseQuery(search: Search): QueryOf<'listCases'> {
  const {view, hours, assignee, ...rest} = parse(caseFilters, search), of = view?.[0];
  return {limit: 50, ...rest, status: of === 'closed' ? 'closed' : 'open', ...(of === 'mine' ? {assignee: 'mine'} : assignee !== undefined && {assignee}), ...(hours !== undefined && {open_hours: Number(hours)})};
}
