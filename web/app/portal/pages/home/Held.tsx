import type {MerchantOverview} from '../../../api/queries/merchants.ts';
import {yuan} from '../../../domain/money.ts';
import {dayOf} from '../../../domain/time.ts';
import {portal} from '../../../i18n/portal.ts';
import {useText} from '../../../i18n/texts.ts';
import {Card, Row, Soft} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';

const most = 7;

// Held is what is frozen until it is split, by the day on which it comes at the latest.
export function Held({of}: {of: MerchantOverview['held']}) {
  const t = useText(portal);
  return (
    <Card>
      <h2>{t.held}</h2>
      <Soft small>{t.heldLead}</Soft>
      <Lines label={t.held} of={of.slice(0, most).map(h => ({id: h.freed_by, what: <Row><span>{dayOf(Date.parse(h.freed_by)).slice(5)}</span><Soft small>{t.ofOrders(h.orders)}</Soft></Row>, end: yuan(h.amount_fen)}))} />
    </Card>
  );
}
