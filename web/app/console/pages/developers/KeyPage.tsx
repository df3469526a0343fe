import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {getAPIKey, listRoles, revokeAPIKey, rollAPIKey, type APIKey} from '../../../api/queries/access.ts';
import {useSession} from '../../../api/session.ts';
import {Granted} from '../../../domain/Granted.tsx';
import {granted} from '../../../domain/grants.ts';
import {Id} from '../../../domain/Id.tsx';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {SecretDialog} from '../../../domain/Secret.tsx';
import {Status} from '../../../domain/Status.tsx';
import {whole} from '../../../domain/time.ts';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {access} from '../../../i18n/access.ts';
import {common} from '../../../i18n/common.ts';
import {developers} from '../../../i18n/developers.ts';
import {frame} from '../../../i18n/frame.ts';
import {useLang, useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {SelectField} from '../../../ui/Field.tsx';
import {Card, Columns, Facts, Mono, Page, Stack} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {statusOf, firstCall} from './keys.ts';

const route = getRouteApi('/$tenant/keys/$key');

export function KeyPage() {
  const {key} = route.useParams(), {tenant} = useSession(), t = useText(developers), found = useQuery(getAPIKey(tenant, key));
  return <><Title of={found.data?.name ?? t.keys} /><Shown of={found}>{k => <Shape of={k} />}</Shown></>;
}

function Shape({of: k}: {of: APIKey}) {
  const t = useText(developers), f = useText(frame), a = useText(access), lang = useLang(), {tenant, can} = useSession(), [act, setAct] = useState<'roll' | 'revoke'>();
  const all = useQuery({...listRoles(tenant), enabled: can('listRoles')}), may = all.data?.data.find(r => r.role === k.role)?.operations;
  const status = statusOf(k), works = status === 'active' || status === 'rolling', close = () => setAct(undefined);
  return (
    <Page title={k.name} count={<Status of="key" is={status} />} above={<div><Link block to="/$tenant/keys" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.keys}</Link></div>}
      acts={works && <>
        {can('revokeAPIKey') && <Button onClick={() => setAct('revoke')}>{t.revoke}</Button>}
        {can('rollAPIKey') && <Button weight="primary" onClick={() => setAct('roll')}>{t.roll}</Button>}
      </>}>
      <Columns of="two">
        <Stack>
          <Card>
            <Facts of={[
              [t.last4, <Mono key="l">{'…' + k.last4}</Mono>], [t.role, f.roles[k.role]], [t.merchant, k.merchant_id && <Id id={k.merchant_id} label={t.merchant} />], [t.created, <Time key="c" at={k.created_at} />],
              [t.used, k.last_used_at === undefined ? t.never : <Time at={k.last_used_at} />], [t.expires, k.expires_at === undefined ? t.noEnd : <Time at={k.expires_at} />],
              [t.oldUntil, status === 'rolling' && k.previous_secret_until && <Time at={k.previous_secret_until} />], [t.revokedAt, k.revoked_at && <Time at={k.revoked_at} />], [t.id, <Id key="i" id={k.id} label={t.id} />],
            ]} />
            {can('listRequests') && <div><Link block to="/$tenant/requests" params={{tenant}} search={{actor_id: k.id}}>{t.toRequests}</Link></div>}
          </Card>
          {k.permissions !== undefined && <Card><h2>{t.permissions}</h2><Facts of={Object.entries(k.permissions).filter(([, l]) => l !== 'none').map(([r, l]) => [a.parts[r] ?? r, a.levels[l]] as const)} /></Card>}
        </Stack>
        {may !== undefined && <Granted of={granted(may, k.permissions, lang)} />}
      </Columns>
      {act === 'roll' && <Roll of={k} onClose={close} />}
      {act === 'revoke' && <Revoke of={k} onClose={close} />}
    </Page>
  );
}

const usualOverlap = '86400';

function Roll({of: k, onClose}: {of: APIKey; onClose: () => void}) {
  const t = useText(developers), c = useText(common), {tenant} = useSession(), [overlap, setOverlap] = useState(usualOverlap);
  const act = useAct({name: () => `rollAPIKey:${k.id}:${k.last4}:${overlap}`, run: (_: void, key) => rollAPIKey(tenant, k.id, Number(overlap), key), touches: ['getAPIKey', 'listAPIKeys']});
  if (act.data !== undefined) return <SecretDialog title={t.rolled} lead={t.secretLead} secret={act.data.secret} more={firstCall()} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title={t.roll} lead={t.rollLead} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="primary" busy={act.isPending} onClick={() => act.mutate()}>{t.roll}</Button></>}>
      <SelectField label={t.overlap} value={overlap} onChange={e => setOverlap(e.target.value)} of={Object.entries(t.overlaps)} />
      <ProblemNote of={act.error} />
    </Dialog>
  );
}

function Revoke({of: k, onClose}: {of: APIKey; onClose: () => void}) {
  const t = useText(developers), c = useText(common), {tenant} = useSession();
  const act = useAct<void, void>({name: () => `revokeAPIKey:${k.id}`, run: () => revokeAPIKey(tenant, k.id), touches: ['getAPIKey', 'listAPIKeys'], done: () => { toast(t.revoked); onClose(); }});
  return (
    <Dialog open onClose={onClose} title={`${t.revoke} ${k.name}`} lead={t.revokeLead(k.last_used_at === undefined ? t.never : whole(k.last_used_at))} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="danger" busy={act.isPending} onClick={() => act.mutate()}>{t.revoke}</Button></>}>
      <ProblemNote of={act.error} />
    </Dialog>
  );
}
