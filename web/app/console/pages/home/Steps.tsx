import {useQuery} from '@tanstack/react-query';
import {getGoLiveChecklist} from '../../../api/queries/overview.ts';
import {useSession} from '../../../api/session.ts';
import {home} from '../../../i18n/home.ts';
import {useText} from '../../../i18n/texts.ts';
import {Card, Soft} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Away} from '../../../ui/Link.tsx';
import {Mark, type Look} from '../../../ui/Mark.tsx';

const looks: Record<'done' | 'open' | 'failed', Look> = {done: ['good', 'check'], open: ['over', 'dash'], failed: ['risk', 'cross']};

// Steps are what a new platform has still to do; after its first delivered order they are gone.
export function Steps() {
  const t = useText(home), {tenant, can} = useSession(), {data} = useQuery({...getGoLiveChecklist(tenant), enabled: can('getGoLiveChecklist')});
  if (data === undefined || data.steps.some(s => s.kind === 'order_delivered' && s.state === 'done')) return null;
  return (
    <Card>
      <h2>{t.steps}</h2>
      <Soft>{t.stepsLead}</Soft>
      <Lines label={t.steps} of={data.steps.filter(s => s.kind !== 'live_tenant').map(s => ({id: s.kind, what: t.step[s.kind] ?? s.kind, end: <Mark look={looks[s.state]}>{t[s.state]}</Mark>}))} />
      <div><Away button="primary" href="/docs/guides/">{t.guide}</Away></div>
    </Card>
  );
}
