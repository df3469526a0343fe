import type {OrderSplit, Plan} from '../../../api/queries/orders.ts';

// Party is somebody who has a part of an order's money, and what of it a refund takes back.
export interface Party {id: string; name: string | undefined; merchant: string | undefined; has: number; gives: number}

// partiesOf puts the plan beside what the split says that each has. Before the split all is the merchant of record's.
export function partiesOf(plan: Plan, split: Pick<OrderSplit, 'parts' | 'kept_fen' | 'merchant_of_record_name'> | undefined): Party[] {
  const parts = plan.parts.map((p, n) => {
    const got = split?.parts.find(s => s.receiver === p.receiver && s.merchant_id === p.merchant_id);
    return {id: `${p.receiver}${n}`, name: got?.merchant_name, merchant: p.merchant_id, has: got === undefined ? p.amount_fen : got.amount_fen - got.returned_fen, gives: p.amount_fen};
  });
  const kept = plan.parts.length > 0 && split !== undefined ? split.kept_fen : plan.merchant_of_record_fen;
  return [...parts, {id: 'payee', name: split?.merchant_of_record_name, merchant: plan.merchant_of_record_id, has: kept, gives: plan.merchant_of_record_fen}];
}
