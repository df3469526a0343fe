import {useQuery} from '@tanstack/react-query';
import {useAct} from '../../../api/intent.ts';
import {getOrderSplit, retryOrderSplit, type Order} from '../../../api/queries/orders.ts';
import {useSession} from '../../../api/session.ts';
import {yuan} from '../../../domain/money.ts';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {Reason} from '../../../domain/Reason.tsx';
import {SplitPicture} from '../../../domain/SplitPicture.tsx';
import {Status} from '../../../domain/Status.tsx';
import {orders} from '../../../i18n/orders.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Card, Row, Soft} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Note} from '../../../ui/Panel.tsx';
import {toast} from '../../../ui/Toast.tsx';

// OrderMoney is who has what of an order's money.
export function OrderMoney({order}: {order: Order}) {
  const t = useText(orders), {tenant, can} = useSession();
  const reads = order.paid_at !== undefined && can('getOrderSplit'), {data: split} = useQuery({...getOrderSplit(tenant, order.id), enabled: reads, retry: false});
  const retry = useAct({name: () => `retryOrderSplit:${order.id}`, run: (_: void, key) => retryOrderSplit(tenant, order.id, key), touches: ['getOrderSplit', 'getOrderTimeline'], done: () => toast(t.retried)});
  const refused = split?.status === 'refused' || split?.settlement.status === 'refused', reason = split?.reason ?? split?.settlement.reason;
  return (
    <Card>
      <h2>{t.moneyTitle}</h2>
      <Lines label={t.moneyTitle} of={[
        {id: 'total', what: t.total, end: yuan(order.total_fen)},
        ...(order.refunded_fen > 0 ? [{id: 'refunded', what: t.refunded, end: yuan(-order.refunded_fen)}] : []),
      ]} />
      {split && <SplitPicture label={t.split} kept={split.kept_fen} payee={split.merchant_of_record_name} parts={split.parts.map((p, n) => ({
        id: `part${n}`, name: p.receiver === 'platform' ? t.platform : p.merchant_name ?? t.merchant, fen: p.amount_fen - p.returned_fen, words: [p.receiver_account, p.returned_fen > 0 && t.returned(yuan(p.returned_fen))].filter(Boolean).join(' · '),
      }))} />}
      {split === undefined && (order.paid_at === undefined || can('getOrderSplit')) && <Soft small>{t.noSplit}</Soft>}
      {split && <Row><span>{t.settlement}</span><Status of="settlement" is={split.settlement.status} />{split.status && <><span>{t.split}</span><Status of="split" is={split.status} /></>}</Row>}
      {refused && <Note tone="bad" acts={can('retryOrderSplit') && <Button busy={retry.isPending} onClick={() => retry.mutate()}>{t.retry}</Button>}>{reason !== undefined && <Reason of={reason} />}</Note>}
      <ProblemNote of={retry.error} />
    </Card>
  );
}
