// A refund says before who gives back how much, and after what Alipay answered. What is not known is shown as not known.
import {useQuery, useQueryClient} from '@tanstack/react-query';
import {useEffect, useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {asProblem} from '../../../api/problem.ts';
import {createApproval} from '../../../api/queries/approvals.ts';
import {createRefund, listOrderRefunds, type Order} from '../../../api/queries/orders.ts';
import {useSession} from '../../../api/session.ts';
import {Id} from '../../../domain/Id.tsx';
import {yuan} from '../../../domain/money.ts';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {Reason} from '../../../domain/Reason.tsx';
import {Status} from '../../../domain/Status.tsx';
import {common} from '../../../i18n/common.ts';
import {orders} from '../../../i18n/orders.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {TextField} from '../../../ui/Field.tsx';
import {Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {ButtonLink} from '../../../ui/Link.tsx';
import {Note} from '../../../ui/Panel.tsx';
import {RefundPlan, usePlan} from './RefundPlan.tsx';

const reasonMax = 256;

export function RefundDialog({order, onClose}: {order: Order; onClose: () => void}) {
  const t = useText(orders), c = useText(common), {tenant, can} = useSession(), left = order.total_fen - order.refunded_fen, [reason, setReason] = useState('');
  const refund = useAct({
    name: () => `createRefund:${order.id}:${reason}`, run: (_: void, key) => createRefund(tenant, order.id, reason.trim(), key),
    touches: ['getOrder', 'listOrders', 'listRefunds', 'getOrderTimeline', 'getOrderSplit', 'planRefund', 'listOrderRefunds', 'getOverview'],
  });
  const ask = useAct({
    name: () => `createApproval:refund:${order.id}:${reason}`, run: (_: void, key) => createApproval(tenant, {kind: 'refund', refund: {order_id: order.id, ...(reason.trim() !== '' && {reason: reason.trim()})}}, key),
    touches: ['listApprovals'],
  });
  const planned = usePlan(order.id, refund.data === undefined && ask.data === undefined), amount = planned.plan?.amount_fen ?? left;
  // The plan says whether another person has to approve it; who has just lowered the limit says so by a refusal.
  const above = planned.plan?.approval_required === true || refund.error !== null && asProblem(refund.error).code === 'approval_required', second = above && can('createApproval');
  if (refund.data !== undefined) return <Outcome order={order.id} refund={refund.data.id} onClose={onClose} />;
  if (ask.data !== undefined) {
    return (
      <Dialog open onClose={onClose} title={t.submitted} acts={<><Button onClick={onClose}>{c.close}</Button>{can('getApproval') && <ButtonLink weight="primary" to="/$tenant/approvals/$approval" params={{tenant, approval: ask.data.id}}>{t.toApproval}</ButtonLink>}</>}>
        <Status of="approval" is={ask.data.status} />
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title={t.refundOf(yuan(amount))} lead={t.refundLead(yuan(amount))} acts={<>
      <Button onClick={onClose}>{c.cancel}</Button>
      {!planned.refused && (second ? <Button weight="primary" busy={ask.isPending} onClick={() => ask.mutate()}>{t.submit}</Button> : <Button weight="danger" busy={refund.isPending} onClick={() => refund.mutate()}>{t.refundOf(yuan(amount))}</Button>)}
    </>}>
      <RefundPlan order={order} of={planned} />
      <Stack tight>
        <TextField label={t.refundReason} help={t.refundReasonHelp} value={reason} maxLength={reasonMax} disabled={refund.isPending} onChange={e => setReason(e.target.value)} />
        <Row>{t.reasons.map(r => <Button key={r} onClick={() => setReason(r)}>{r}</Button>)}</Row>
      </Stack>
      {!second && <ProblemNote of={refund.error} />}
      <ProblemNote of={ask.error} />
    </Dialog>
  );
}

const lookEvery = 1_000, changed = ['getOrder', 'getOrderTimeline', 'getOrderSplit', 'listOrders', 'listRefunds'] as const;

// Outcome stays until Alipay has answered, or somebody leaves it.
function Outcome({order, refund, onClose}: {order: string; refund: string; onClose: () => void}) {
  const t = useText(orders), c = useText(common), {tenant, can} = useSession();
  const {data} = useQuery({...listOrderRefunds(tenant, order), enabled: can('listOrderRefunds'), refetchInterval: q => q.state.data?.data.find(r => r.id === refund)?.status === 'pending' || q.state.data === undefined ? lookEvery : false});
  const now = data?.data.find(r => r.id === refund), ended = now !== undefined && now.status !== 'pending', queries = useQueryClient();
  // Not every role hears of events: what the outcome changes is read again.
  useEffect(() => { if (ended) for (const operation of changed) void queries.invalidateQueries({queryKey: [operation]}); }, [ended, queries]);
  const title = now === undefined || now.status === 'pending' ? t.refunding : now.status === 'succeeded' ? t.succeeded : t.refused;
  return (
    <Dialog open onClose={onClose} title={title} acts={<Button weight="primary" onClick={onClose}>{c.close}</Button>}>
      {now && <Row between><Status of="refund" is={now.status} /><span>{yuan(now.amount_fen)}</span></Row>}
      {now?.failure !== undefined && now.failure !== '' && <Note tone="bad"><Reason of={now.failure} /></Note>}
      {now && <Row between><Soft>{t.refundId}</Soft><Id id={now.id} label={t.refundId} /></Row>}
      {(now === undefined || now.status === 'pending') && <Note>{t.unknown}</Note>}
    </Dialog>
  );
}
