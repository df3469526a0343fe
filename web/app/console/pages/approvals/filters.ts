import type {QueryOf} from '../../../api/client.ts';
import {cursor, oneOf, parse, type Search} from '../../../domain/filters.ts';

export const approvalFilters = {status: oneOf('waiting', 'scheduled', 'approved', 'refused', 'expired', 'withdrawn'), kind: oneOf('refund', 'receiver_change', 'refund_limit', 'factor_reset'), cursor} as const;
export const approvalQuery = (search: Search): QueryOf<'listApprovals'> => ({limit: 50, ...parse(approvalFilters, search)});
