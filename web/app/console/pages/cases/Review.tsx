// A payment that does not fit its order: what a person decides, and for a delivery a second person.
import {useQuery} from '@tanstack/react-query';
import {useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {confirmOrderReview, decideOrderReview, getOrderReview, withdrawOrderReview, type OrderReview, type ReviewDecision} from '../../../api/queries/cases.ts';
import {getOrder} from '../../../api/queries/orders.ts';
import {useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {yuan} from '../../../domain/money.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {cases} from '../../../i18n/cases.ts';
import {codes} from '../../../i18n/codes.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {LongField} from '../../../ui/Field.tsx';
import {Card, Facts, Row, Soft} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Note} from '../../../ui/Panel.tsx';
import {toast} from '../../../ui/Toast.tsx';

const decisions: readonly ReviewDecision[] = ['refund', 'accept', 'release'];
const touches = ['getOrder', 'getOrderReview', 'getOrderTimeline', 'getCase', 'listCases', 'listTodos', 'listOrders'] as const;
const noteMax = 256;

export function Review({order}: {order: string}) {
  const t = useText(cases), {tenant, can} = useSession(), found = useQuery(getOrder(tenant, order)), {data: review} = useQuery({...getOrderReview(tenant, order), enabled: can('getOrderReview')});
  const [decision, setDecision] = useState<ReviewDecision>(), [end, setEnd] = useState<'confirm' | 'withdraw'>(), asked = review?.status === 'asked';
  return (
    <Card>
      <h2>{t.review}</h2>
      <Shown of={found}>
        {o => <>
          <Facts of={[[t.orderIs, <Status key="s" of="order" is={o.status} />], [t.due, yuan(o.total_fen)], [t.found, review && yuan(review.amount_fen)]]} />
          {review && <Decided of={review} />}
          {asked && <Note tone="warn">{t.waits}</Note>}
          {asked && <Row>{can('withdrawOrderReview') && <Button onClick={() => setEnd('withdraw')}>{t.withdraw}</Button>}{can('confirmOrderReview') && <Button weight="primary" onClick={() => setEnd('confirm')}>{t.confirm}</Button>}</Row>}
          {o.status === 'needs_review' && !asked && can('decideOrderReview') && <>
            <Soft>{t.reviewLead}</Soft>
            <Lines label={t.decision} of={decisions.map(d => ({id: d, what: t.means[d], end: <Button onClick={() => setDecision(d)}>{t.decisions[d]}</Button>}))} />
          </>}
        </>}
      </Shown>
      {decision && <Decide {...{order, decision}} onClose={() => setDecision(undefined)} />}
      {end && review && <End {...{order, end, review}} onClose={() => setEnd(undefined)} />}
    </Card>
  );
}

function Decided({of: r}: {of: OrderReview}) {
  const t = useText(cases);
  return <Facts of={[[t.decision, t.decisions[r.decision]], [t.status, <Status key="s" of="review" is={r.status} />], [t.reason, r.note], [t.askedBy, '…' + r.asked_by.slice(-8)], [t.askedAt, <Time key="a" at={r.asked_at} />], [t.endedAt, r.ended_at && <Time at={r.ended_at} />]]} />;
}

function Decide({order, decision, onClose}: {order: string; decision: ReviewDecision; onClose: () => void}) {
  const t = useText(cases), c = useText(codes), {tenant} = useSession(), [note, setNote] = useState(''), [checked, setChecked] = useState(false);
  const act = useAct({name: () => `decideOrderReview:${order}:${decision}:${note}`, run: (_: void, key) => decideOrderReview(tenant, order, {decision, note: note.trim()}, key), touches, done: () => { toast(t.decided); onClose(); }});
  const send = () => { setChecked(true); if (note.trim() !== '') act.mutate(); };
  return (
    <Confirm title={t.decisions[decision]} lead={t.means[decision]} verb={t.decisions[decision]} weight="danger" act={act} go={send} onClose={onClose}>
      <LongField label={t.reason} value={note} maxLength={noteMax} required wrong={checked && note.trim() === '' ? c.fields['required'] : undefined} onChange={e => setNote(e.target.value)} />
    </Confirm>
  );
}

function End({order, end, review, onClose}: {order: string; end: 'confirm' | 'withdraw'; review: OrderReview; onClose: () => void}) {
  const t = useText(cases), {tenant} = useSession(), yes = end === 'confirm';
  const act = useAct({name: () => `${end}OrderReview:${order}:${review.asked_at}`, run: (_: void, key) => yes ? confirmOrderReview(tenant, order, key) : withdrawOrderReview(tenant, order, key), touches, done: () => { toast(yes ? t.confirmed : t.withdrawn); onClose(); }});
  return <Confirm title={yes ? t.confirm : t.withdraw} lead={yes ? t.confirmLead(yuan(review.amount_fen)) : t.withdrawLead} verb={yes ? t.confirm : t.withdraw} weight={yes ? 'primary' : 'danger'} act={act} go={() => act.mutate()} onClose={onClose} />;
}
