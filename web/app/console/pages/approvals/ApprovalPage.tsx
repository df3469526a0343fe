// What one person asked for, and what another one decides.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {approveApproval, getApproval, refuseApproval, withdrawApproval, type Approval} from '../../../api/queries/approvals.ts';
import {useSession} from '../../../api/session.ts';
import {Id} from '../../../domain/Id.tsx';
import {yuan} from '../../../domain/money.ts';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {useText} from '../../../i18n/texts.ts';
import {work} from '../../../i18n/work.ts';
import {Button} from '../../../ui/Button.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {LongField} from '../../../ui/Field.tsx';
import {Card, Columns, Facts, Page} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Note} from '../../../ui/Panel.tsx';
import {toast} from '../../../ui/Toast.tsx';

const route = getRouteApi('/$tenant/approvals/$approval');

export function ApprovalPage() {
  const {approval} = route.useParams(), {tenant} = useSession(), t = useText(work), found = useQuery(getApproval(tenant, approval));
  const shown = <Shown of={found}>{a => <Shape approval={a} />}</Shown>;
  return <><Title of={t.approvals} />{found.data ? shown : <Page title={t.approvals}>{shown}</Page>}</>;
}

type Decision = 'approve' | 'refuse' | 'withdraw';

function Shape({approval: a}: {approval: Approval}) {
  const t = useText(work), {tenant, can, membership} = useSession(), [decision, setDecision] = useState<Decision>();
  const own = a.asked_by === membership.member_id, waits = a.status === 'waiting', scheduled = a.status === 'scheduled';
  return (
    <Page title={t.acts[a.kind] ?? a.kind} count={<Status of="approval" is={a.status} />} above={<div><Link block to="/$tenant/approvals" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.approvals}</Link></div>}
      acts={scheduled ? (own || membership.role === 'owner' || membership.role === 'admin') && can('withdrawApproval') && <Button onClick={() => setDecision('withdraw')}>{t.withdraw}</Button> : waits && <>
        {!own && can('refuseApproval') && <Button onClick={() => setDecision('refuse')}>{t.refuse}</Button>}
        {own && can('withdrawApproval') && <Button onClick={() => setDecision('withdraw')}>{t.withdraw}</Button>}
        {!own && can('approveApproval') && <Button weight="primary" onClick={() => setDecision('approve')}>{t.approve}</Button>}
      </>}>
      {waits && own && <Note>{t.yours}</Note>}
      {waits && a.few_approvers && <Note tone="warn">{t.few}</Note>}
      <Columns of="two">
        <Card><h2>{t.change}</h2><Facts of={changeOf(a, t, tenant)} /></Card>
        <Card>
          <h2>{t.facts}</h2>
          <Facts of={[
            [t.asked, <Time key="a" at={a.asked_at} />], [t.by, <Id key="b" id={a.asked_by} label={t.by} />], [t.approvedBy, a.approved_by && <Id id={a.approved_by} label={t.approvedBy} />], [a.approved_at ? t.dueAt : t.notBefore, a.not_before && <Time at={a.not_before} />], [t.expires, waits && <Time at={a.expires_at} />],
            [t.ended, a.ended_at && <Time at={a.ended_at} />], [t.endedBy, a.ended_by && <Id id={a.ended_by} label={t.endedBy} />], [t.refused, a.refusal_reason], [t.failed, a.failure_code],
            [t.toRefund, a.refund_id && <Id id={a.refund_id} label={t.toRefund} />], [t.id, <Id key="i" id={a.id} label={t.id} />],
          ]} />
        </Card>
      </Columns>
      {decision && <Decide approval={a} decision={decision} onClose={() => setDecision(undefined)} />}
    </Page>
  );
}

// changeOf is the difference that the act makes.
function changeOf(a: Approval, t: (typeof work)['zh'], tenant: string): (readonly [string, React.ReactNode])[] {
  const limit = (fen: number | undefined) => fen === undefined ? t.noLimit : yuan(fen);
  return [
    [t.amount, a.amount_fen === undefined ? undefined : yuan(a.amount_fen)],
    [t.order, a.refund && <Link block to="/$tenant/orders/$order" params={{tenant, order: a.refund.order_id}}>{'…' + a.refund.order_id.slice(-8)}</Link>], [t.reason, a.refund?.reason],
    [t.member, a.factor_reset && <Id id={a.factor_reset.member_id} label={t.member} />],
    [t.merchant, a.receiver_change && <Id id={a.receiver_change.merchant_id} label={t.merchant} />], [t.from, a.receiver_change?.from?.account], [t.to, a.receiver_change?.to.account],
    ...(a.refund_limit ? [[t.from, limit(a.refund_limit.from_fen)], [t.to, limit(a.refund_limit.to_fen)]] as const : []),
  ];
}

function Decide({approval: a, decision, onClose}: {approval: Approval; decision: Decision; onClose: () => void}) {
  const t = useText(work), {tenant} = useSession(), [reason, setReason] = useState('');
  const said = {approve: [t.approve, t.approveLead, t.approved], refuse: [t.refuse, t.refuseLead, t.refusedDone], withdraw: [t.withdraw, t.withdrawLead, t.withdrawn]}[decision] as [string, string, string];
  const act = useAct({
    name: () => `${decision}Approval:${a.id}:${reason}`,
    run: (_: void, key) => decision === 'approve' ? approveApproval(tenant, a.id, key) : decision === 'refuse' ? refuseApproval(tenant, a.id, reason.trim(), key) : withdrawApproval(tenant, a.id, key),
    touches: ['getApproval', 'listApprovals', 'listTodos', 'getOrder', 'getOrderTimeline'],
    done: () => { toast(said[2]); onClose(); },
  });
  const send = () => { if (decision !== 'refuse' || reason.trim() !== '') act.mutate(); };
  return (
    <Dialog open onClose={onClose} title={said[0]} lead={said[1]} acts={<><Button onClick={onClose}>{t.keep}</Button><Button weight={decision === 'approve' ? 'primary' : 'danger'} busy={act.isPending} onClick={send}>{said[0]}</Button></>}>
      {decision === 'refuse' && <LongField label={t.reason} value={reason} maxLength={256} required onChange={e => setReason(e.target.value)} />}
      <ProblemNote of={act.error} />
    </Dialog>
  );
}
