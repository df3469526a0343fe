import {useQuery} from '@tanstack/react-query';
import {useState} from 'react';
import type {Schema} from '../api/client.ts';
import {getOrderTimeline} from '../api/queries/orders.ts';
import {useSession} from '../api/session.ts';
import {yuan} from './money.ts';
import {Shown} from './Problem.tsx';
import {Time} from './Time.tsx';
import {orders} from '../i18n/orders.ts';
import {useLang, useText} from '../i18n/texts.ts';
import {Card, Soft} from '../ui/Layout.tsx';
import {Choice} from '../ui/Tabs.tsx';
import {Timeline} from '../ui/Timeline.tsx';

type Shown3 = 'all' | Schema<'TimelineArea'>;

// OrderHistory is all that happened, in words that can be read out to a buyer.
export function OrderHistory({order}: {order: string}) {
  const t = useText(orders), lang = useLang(), {tenant, can} = useSession(), [area, setArea] = useState<Shown3>('all');
  const found = useQuery({...getOrderTimeline(tenant, order, lang), enabled: can('getOrderTimeline')});
  const who = (a: Schema<'TimelineActor'> | undefined) => a?.name === undefined ? '' : `${a.name}${a.last4 === undefined ? '' : ` …${a.last4}`}`;
  // The amount stands at the end of the line; it is not said twice.
  const more = (detail: string, fen: number | undefined, by: string) => {
    const rest = [...detail.split(' · ').filter(part => fen === undefined || part !== yuan(fen)), by].filter(Boolean).join(' · ');
    return rest === '' ? {} : {detail: rest};
  };
  return (
    <Card>
      <h2>{t.history}</h2>
      <Choice label={t.history} of={[['all', t.all], ['money', t.money], ['notices', t.notices], ['people', t.people], ['goods', t.goods]]} chosen={area} onChoose={setArea} />
      <Shown of={found}>
        {line => <>
          {line.truncated && <Soft small>{t.truncated}</Soft>}
          <Timeline label={t.history} entries={line.data.map((e, n) => ({...e, n})).filter(e => area === 'all' || e.area === area).map(e => ({
            id: `${e.subject_id}${e.kind}${e.n}`, time: <Time at={e.at} />, kind: e.area, title: e.title, amount: e.amount_fen === undefined ? undefined : yuan(e.amount_fen),
            ...more(e.detail, e.amount_fen, who(e.actor)),
          }))} />
        </>}
      </Shown>
    </Card>
  );
}
