import type {Overview} from '../../../api/queries/overview.ts';
import {useSession} from '../../../api/session.ts';
import {change, percent, yuan} from '../../../domain/money.ts';
import {dayOf, plusDays} from '../../../domain/time.ts';
import {home} from '../../../i18n/home.ts';
import {grouped, useText} from '../../../i18n/texts.ts';
import {Spark} from '../../../ui/chart/Spark.tsx';
import {Big, Card, Columns, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';

type Hours = Overview['hours'];

// Figures are today so far, beside the same day of last week. What is compared are the hours that are over, on both days.
export function Figures({of: o}: {of: Overview}) {
  const t = useText(home), {tenant} = useSession(), now = o.same_hours.today, then = o.same_hours.last_week;
  const today = dayOf(Date.parse(o.as_of)), range = {from: today, to: plusDays(today, 1)};
  const until = o.hours.filter(h => Date.parse(h.at) <= Date.parse(o.as_of)).length;
  const pair = (pick: (h: Hours[number]) => number | undefined) => ({now: o.hours.map((h, n) => n < until ? pick(h) : undefined), before: o.last_week_hours.map(pick)});
  const compared = (a: number, b: number) => { const by = change(a, b); return by === undefined ? '' : by >= 0 ? t.more(percent(by)) : percent(by); };
  const points = (now.success_rate_bps ?? 0) - (then.success_rate_bps ?? 0);
  const figures = [
    {name: t.turnover, figure: yuan(o.today.turnover_fen), by: compared(now.turnover_fen, then.turnover_fen), ...pair(h => h.turnover_fen), search: {...range}},
    {name: t.orders, figure: grouped(o.today.orders_paid), by: compared(now.orders_paid, then.orders_paid), ...pair(h => h.orders_paid), search: {status: 'paid,delivered', ...range}},
    {name: t.success, figure: o.today.success_rate_bps === undefined ? t.noFigure : percent(o.today.success_rate_bps), by: now.success_rate_bps === undefined || then.success_rate_bps === undefined ? '' : points >= 0 ? t.more(percent(points)) : percent(points), ...pair(h => h.success_rate_bps), search: {status: 'awaiting_payment,closed', ...range}},
    {name: t.refunds, figure: yuan(o.today.refunded_fen), by: compared(now.refunded_fen, then.refunded_fen), ...pair(h => h.refunded_fen), search: {status: 'refunded', ...range}},
  ];
  return (
    <Columns of="four">
      {figures.map(f => (
        <Card key={f.name}>
          <Link block to="/$tenant/orders" params={{tenant}} search={f.search}>{f.name}</Link>
          <Big>{f.figure}</Big>
          {f.by !== '' && <span title={t.sameHours}><Soft small>{f.by}</Soft></span>}
          <Spark label={t.chartOf(f.name)} now={f.now} before={f.before} />
        </Card>
      ))}
    </Columns>
  );
}
