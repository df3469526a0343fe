import {useQuery} from '@tanstack/react-query';
import {listTop, type Overview} from '../../../api/queries/overview.ts';
import {useSession} from '../../../api/session.ts';
import {yuan} from '../../../domain/money.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {dayOf, now, plusDays, startOf} from '../../../domain/time.ts';
import {home} from '../../../i18n/home.ts';
import {grouped, useText} from '../../../i18n/texts.ts';
import {Card, Soft, Stack} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Progress} from '../../../ui/Panel.tsx';

const whole = 1_000;

// Funnel is how far the orders of today have come.
export function Funnel({of: {today}}: {of: Overview}) {
  const t = useText(home), all = today.orders_created, steps: [string, number][] = [[t.created, all], [t.paid, today.created_paid], [t.delivered, today.created_delivered], [t.split, today.created_split]];
  return (
    <Card>
      <h2>{t.funnel}</h2>
      <Stack tight>{steps.map(([name, n]) => <Lines key={name} label={name} of={[{id: name, what: <Stack tight><span>{name}</span><Progress label={name} of={all === 0 ? 0 : Math.round(n * whole / all)} /></Stack>, end: grouped(n)}]} />)}</Stack>
    </Card>
  );
}

// Stages are where the money is.
export function Stages({of: {stages: s}}: {of: Overview}) {
  const t = useText(home), rows: [string, number][] = [[t.unsettled, s.unsettled_fen], [t.frozen, s.frozen_fen], [t.settled, s.settled_fen], [t.commission, s.commission_fen], [t.others, s.others_fen]];
  return <Card><h2>{t.stages}</h2><Lines label={t.stages} of={rows.map(([name, fen]) => ({id: name, what: name, end: yuan(fen)}))} /></Card>;
}

const days = 7;

// Top is what, or who, sold most in a week.
export function Top({of}: {of: 'products' | 'merchants'}) {
  const t = useText(home), {tenant} = useSession(), tomorrow = plusDays(dayOf(now()), 1), name = of === 'products' ? t.topProducts : t.topMerchants;
  const found = useQuery(listTop(tenant, of, startOf(plusDays(tomorrow, -days)), startOf(tomorrow)));
  return (
    <Card>
      <h2>{name}</h2>
      <Shown of={found}>{({data}) => data.length === 0 ? <Soft>{t.noSales}</Soft> : <Lines label={name} of={data.map(r => ({id: r.subject_id, what: <>{r.name} <Soft small>{t.of(r.orders_paid)}</Soft></>, end: yuan(r.turnover_fen)}))} />}</Shown>
    </Card>
  );
}
