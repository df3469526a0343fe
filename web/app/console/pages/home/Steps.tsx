import {useQuery} from '@tanstack/react-query';
import {getGoLiveChecklist} from '../../../api/queries/overview.ts';
import {useSession} from '../../../api/session.ts';
import {StepLines, type Step} from '../../../domain/StepLines.tsx';
import {home} from '../../../i18n/home.ts';
import {useText} from '../../../i18n/texts.ts';
import {Card, Soft} from '../../../ui/Layout.tsx';
import {Away} from '../../../ui/Link.tsx';

const first: readonly Step['kind'][] = ['connection', 'connection_check', 'merchant_active', 'product_on_sale', 'order_delivered'];

// Steps lead a new platform to its first delivered order; after it they are gone, and what is left stands with the connection.
export function Steps() {
  const t = useText(home), {tenant, can} = useSession(), {data} = useQuery({...getGoLiveChecklist(tenant), enabled: can('getGoLiveChecklist')});
  if (data === undefined || data.steps.some(s => s.kind === 'order_delivered' && s.state === 'done')) return null;
  return (
    <Card>
      <h2>{t.steps}</h2>
      <Soft>{t.stepsLead}</Soft>
      <StepLines label={t.steps} of={data.steps.filter(s => first.includes(s.kind))} />
      <div><Away href="/docs/guides/">{t.guide}</Away></div>
    </Card>
  );
}
