import {useQuery} from '@tanstack/react-query';
import {useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {closeOrder, listEventsOf, resendEvent, type Order} from '../../../api/queries/orders.ts';
import {useSession} from '../../../api/session.ts';
import {moment, now} from '../../../domain/time.ts';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {common} from '../../../i18n/common.ts';
import {orders} from '../../../i18n/orders.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {SelectField} from '../../../ui/Field.tsx';
import {Soft} from '../../../ui/Layout.tsx';
import {toast} from '../../../ui/Toast.tsx';

interface ActProps {order: Order; onClose: () => void}

export function CloseDialog({order, onClose}: ActProps) {
  const t = useText(orders), {tenant} = useSession();
  const act = useAct({name: () => `closeOrder:${order.id}`, run: (_: void, key) => closeOrder(tenant, order.id, key), touches: ['getOrder', 'listOrders', 'getOrderTimeline'], done: () => { toast(t.closed); onClose(); }});
  return (
    <Dialog open onClose={onClose} title={t.close} lead={t.closeLead} acts={<><Button onClick={onClose}>{t.keep}</Button><Button weight="danger" busy={act.isPending} onClick={() => act.mutate()}>{t.close}</Button></>}>
      <ProblemNote of={act.error} />
    </Dialog>
  );
}

export function ResendDialog({order, onClose}: ActProps) {
  const t = useText(orders), c = useText(common), {tenant} = useSession(), found = useQuery(listEventsOf(tenant, order.id)), [chosen, setChosen] = useState('');
  const event = chosen || found.data?.data[0]?.id || '';
  const act = useAct({name: () => `resendEvent:${event}`, run: (_: void, key) => resendEvent(tenant, event, key), touches: ['getOrderTimeline'], done: () => { toast(t.resent); onClose(); }});
  return (
    <Dialog open onClose={onClose} title={t.resend} lead={t.resendLead} acts={<><Button onClick={onClose}>{c.cancel}</Button>{event !== '' && <Button weight="primary" busy={act.isPending} onClick={() => act.mutate()}>{t.resend}</Button>}</>}>
      <Shown of={found}>
        {({data}) => data.length === 0 ? <Soft>{t.noEvents}</Soft> : <SelectField label={t.notices} value={event} onChange={e => setChosen(e.target.value)} of={data.map(e => [e.id, `${moment(e.created_at, now())} ${e.type}`] as const)} />}
      </Shown>
      <ProblemNote of={act.error} />
    </Dialog>
  );
}
