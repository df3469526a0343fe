// Whether a merchant can receive money, in one sentence, and what is missing.
import {useQuery} from '@tanstack/react-query';
import {getApplication, getMerchant, type MerchantOverview} from '../../../api/queries/merchants.ts';
import {useMerchant, useSession} from '../../../api/session.ts';
import {portal} from '../../../i18n/portal.ts';
import {useText} from '../../../i18n/texts.ts';
import {Card, Strong} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Away, ButtonLink} from '../../../ui/Link.tsx';
import {Mark} from '../../../ui/Mark.tsx';
import {Note} from '../../../ui/Panel.tsx';

export function State({of: o}: {of: MerchantOverview}) {
  const t = useText(portal), {tenant, can} = useSession(), {data: m} = useQuery({...getMerchant(tenant, useMerchant()), enabled: can('getMerchant')});
  if (m === undefined) return null;
  // An account that is set is bound at Alipay by the first split.
  const paused = o.status === 'suspended', receives = o.can_receive_parts || m.receiver !== undefined, gets = o.can_collect || receives;
  const missing = [...(o.can_collect || paused ? [] : [{id: 'application', what: t.applied[o.application_status ?? 'none'], end: <Next of={o} />}]), ...(receives ? [] : [{id: 'receiver', what: t.noReceiver}])];
  const said = o.can_collect && receives ? t.both : o.can_collect ? t.collects : receives ? t.receives : t.cannot(missing.length);
  return (
    <>
      {paused && <Note tone="warn"><Strong>{t.paused}</Strong><br />{t.pausedTodo}</Note>}
      {!(paused && !gets) && (
        <Card label={said}>
          <Mark look={gets ? ['good', 'check'] : ['act', 'triangle']}><Strong>{said}</Strong></Mark>
          {missing.length > 0 && <Lines label={said} of={missing} />}
        </Card>
      )}
    </>
  );
}

// Next is what a merchant can do about an application that is not through.
function Next({of: o}: {of: MerchantOverview}) {
  const t = useText(portal), {tenant, can} = useSession(), id = o.application_id ?? '';
  const {data} = useQuery({...getApplication(tenant, id), enabled: o.application_status === 'awaiting_signature' && id !== '' && can('getApplication')});
  if (data?.sign_url?.startsWith('http')) return <Away button="primary" href={data.sign_url} target="_blank" rel="noopener noreferrer">{t.sign}</Away>;
  return id !== '' && can('getApplication') && <ButtonLink to="/$tenant/me" params={{tenant}}>{t.details}</ButtonLink>;
}
