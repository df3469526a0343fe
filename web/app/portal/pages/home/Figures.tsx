// Today so far, beside the same day of last week, and what is to come.
import type {MerchantOverview} from '../../../api/queries/merchants.ts';
import {useSession} from '../../../api/session.ts';
import {yuan} from '../../../domain/money.ts';
import {dayOf, plusDays} from '../../../domain/time.ts';
import {portal} from '../../../i18n/portal.ts';
import {grouped, useText} from '../../../i18n/texts.ts';
import {Spark} from '../../../ui/chart/Spark.tsx';
import {Big, Card, Columns, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';

type Hour = MerchantOverview['hours'][number];

export function Figures({of: o}: {of: MerchantOverview}) {
  const t = useText(portal), {tenant} = useSession(), today = dayOf(Date.parse(o.as_of)), range = {from: today, to: plusDays(today, 1)};
  const known = o.hours.filter(h => Date.parse(h.at) <= Date.parse(o.as_of)).length;
  const line = (name: string, pick: (h: Hour) => number) => <Spark label={t.chartOf(name)} now={o.hours.map((h, n) => n < known ? pick(h) : undefined)} before={o.last_week_hours.map(pick)} />;
  const first = o.held[0];
  return (
    <Columns of="four">
      <Card><Link block to="/$tenant/orders" params={{tenant}} search={range}>{t.turnover}</Link><Big>{yuan(o.today.turnover_fen)}</Big>{line(t.turnover, h => h.turnover_fen)}</Card>
      <Card><Link block to="/$tenant/orders" params={{tenant}} search={{status: 'paid,delivered', ...range}}>{t.paidToday}</Link><Big>{grouped(o.today.orders_paid)}</Big>{line(t.paidToday, h => h.orders_paid)}</Card>
      <Card><Link block to="/$tenant/money" params={{tenant}}>{t.toCome}</Link><Big>{yuan(o.stages.unsettled_fen + o.stages.frozen_fen)}</Big>{first && <Soft small>{t.until(dayOf(Date.parse(first.freed_by)).slice(5))}</Soft>}</Card>
      <Card><Link block to="/$tenant/money" params={{tenant}} search={{view: 'refunds'}}>{t.refundedToday}</Link><Big>{yuan(o.today.refunded_fen)}</Big></Card>
    </Columns>
  );
}
