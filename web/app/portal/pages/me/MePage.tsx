// Whose portal this is, and what belongs to the person who looks at it.
import {useQuery} from '@tanstack/react-query';
import {getMerchant, type Merchant} from '../../../api/queries/merchants.ts';
import {leave, updateLanguage, useMerchant, useSession} from '../../../api/session.ts';
import {addressOf} from '../../../domain/apps.ts';
import {Id} from '../../../domain/Id.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Taste} from '../../../domain/Taste.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {frame} from '../../../i18n/frame.ts';
import {portalMe} from '../../../i18n/portalMe.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Card, Columns, Facts, Page, Soft, Stack} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Away, Link} from '../../../ui/Link.tsx';
import {Application} from './Application.tsx';

export function MePage() {
  const t = useText(portalMe), {tenant, can} = useSession(), mine = useMerchant(), found = useQuery({...getMerchant(tenant, mine), enabled: can('getMerchant')});
  return (
    <Page title={t.me}>
      <Title of={t.me} />
      <Columns of="two">
        <Stack>
          <Shown of={found}>{m => <Shop of={m} />}</Shown>
          {can('listMerchantApplications') && <Application />}
        </Stack>
        <Stack>
          <Manage />
          <Others />
          <Card><h2>{t.taste}</h2><Taste save={updateLanguage} /></Card>
          <div><Button wide onClick={() => void leave()}>{t.signOut}</Button></div>
        </Stack>
      </Columns>
    </Page>
  );
}

function Shop({of: m}: {of: Merchant}) {
  const t = useText(portalMe);
  return (
    <Card>
      <h2>{t.shop}</h2>
      <Facts of={[
        [t.status, <Status key="s" of="merchant" is={m.status} />], [t.kind, t.kinds[m.kind]], [t.contact, m.contact], [t.smid, m.smid && <Id id={m.smid} label={t.smid} full />],
        [t.receiver, m.receiver === undefined ? <Soft key="r">{t.noReceiver}</Soft> : m.receiver.account], [t.since, <Time key="c" at={m.created_at} />], [t.id, <Id key="i" id={m.id} label={t.id} />],
      ]} />
      <Soft small>{t.shopLead}</Soft>
    </Card>
  );
}

function Manage() {
  const t = useText(portalMe), {tenant, can, person} = useSession();
  return (
    <Card>
      <h2>{t.work}</h2>
      <Lines label={t.work} of={[
        ...(can('listTasks') ? [{id: 'files', what: <Stack tight><Link block to="/$tenant/tasks" params={{tenant}}>{t.files}</Link><Soft small>{t.filesLead}</Soft></Stack>}] : []),
        {id: 'account', what: <Stack tight><Away href="/account">{t.account}</Away><Soft small>{person.email} · {t.accountLead}</Soft></Stack>},
      ]} />
    </Card>
  );
}

// Others are the other platforms of the person, whichever application shows them.
function Others() {
  const t = useText(portalMe), f = useText(frame), {tenant, memberships} = useSession(), rest = memberships.filter(m => m.tenant_id !== tenant);
  if (rest.length === 0) return null;
  return <Card><h2>{t.others}</h2><Lines label={t.others} of={rest.map(m => ({id: m.member_id, what: <Away href={addressOf(m)}>{m.name}</Away>, end: <Soft>{f.roles[m.role]}</Soft>}))} /></Card>;
}
