// One route: whom it tells of what, and how it gets on.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi, useNavigate} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {deleteNoticeRoute, getNoticeRoute, testNoticeRoute, updateNoticeRoute, type NoticeRoute} from '../../../api/queries/notices.ts';
import {useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {useEdit} from '../../../domain/edit.ts';
import {Id} from '../../../domain/Id.tsx';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {notices} from '../../../i18n/notices.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Card, Columns, Facts, Page, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Note} from '../../../ui/Panel.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {RouteForm} from './RouteForm.tsx';
import {routeState} from './routes.ts';

const page = getRouteApi('/$tenant/notices/routes/$route');
const touches = ['getNoticeRoute', 'listNoticeRoutes', 'listNotices'] as const;

export function RoutePage() {
  const {route} = page.useParams(), {tenant, can} = useSession(), t = useText(notices), found = useQuery({...getNoticeRoute(tenant, route), enabled: can('getNoticeRoute')});
  return <><Title of={found.data?.name ?? t.route} /><Shown of={found}>{r => <Shape key={r.id} of={r} />}</Shown></>;
}

function Shape({of: r}: {of: Seen<NoticeRoute>}) {
  const t = useText(notices), {tenant, can} = useSession(), [act, setAct] = useState<'edit' | 'remove'>(), close = () => setAct(undefined), off = r.status === 'disabled';
  const test = useAct({name: () => `testNoticeRoute:${r.id}`, run: (_: void, key) => testNoticeRoute(tenant, r.id, key), touches, done: x => { if (x.delivered) toast(t.tested); }});
  const turn = useAct<void, NoticeRoute>({name: () => `updateNoticeRoute:${r.id}:${off}`, run: () => updateNoticeRoute(tenant, r, {status: off ? 'enabled' : 'disabled'}), touches, done: () => toast(off ? t.enabled : t.disabled)});
  return (
    <Page title={r.name} count={<Status of="endpoint" is={routeState(r)} />} above={<div><Link block to="/$tenant/notices" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.title}</Link></div>}
      acts={<>
        {can('deleteNoticeRoute') && <Button onClick={() => setAct('remove')}>{t.remove}</Button>}
        {can('updateNoticeRoute') && <><Button busy={turn.isPending} onClick={() => turn.mutate()}>{off ? t.enable : t.disable}</Button><Button onClick={() => setAct('edit')}>{t.edit}</Button></>}
        {can('testNoticeRoute') && <Button weight="primary" busy={test.isPending} onClick={() => test.mutate()}>{t.test}</Button>}
      </>}>
      <ProblemNote of={test.error ?? turn.error} />
      {test.data !== undefined && !test.data.delivered && <Note tone="bad">{t.notTested(test.data.error ?? String(test.data.response_status ?? ''))}</Note>}
      {r.failing_since !== undefined && <Note tone="warn">{t.failingLead}</Note>}
      <Columns of="two">
        <Card>
          <h2>{t.facts}</h2>
          <Facts of={[
            [t.channel, t.channels[r.channel] ?? r.channel], [t.address, r.address_hint], [t.signed, r.signed && t.yes], [t.language, t.languages[r.language]], [t.quiet, r.quiet_hours && r.quiet_hours.from !== r.quiet_hours.until && `${r.quiet_hours.from} – ${r.quiet_hours.until}`],
            [t.failingSince, r.failing_since && <Time at={r.failing_since} />], [t.lastError, r.last_error && <span lang="en">{r.last_error}</span>], [t.created, <Time key="c" at={r.created_at} />], [t.id, <Id key="i" id={r.id} label={t.id} />],
          ]} />
          {can('listNotices') && <div><Link block to="/$tenant/notices" params={{tenant}} search={{show: 'sent', notice_route_id: r.id}}>{t.toSent}</Link></div>}
        </Card>
        <Card><h2>{t.about}</h2><Soft>{r.event_types.map(e => e.endsWith('.*') ? t.groups[e.slice(0, -2)] ?? e : e).join(' · ')}</Soft></Card>
      </Columns>
      {act === 'edit' && <RouteForm route={r} onClose={close} />}
      {act === 'remove' && <Remove of={r} onClose={close} />}
    </Page>
  );
}

function Remove({of: r, onClose}: {of: Seen<NoticeRoute>; onClose: () => void}) {
  const t = useText(notices), {tenant} = useSession(), navigate = useNavigate(), edit = useEdit(r, now => ({name: now.name}));
  const act = useAct<void, void>({name: () => `deleteNoticeRoute:${r.id}`, run: () => deleteNoticeRoute(tenant, edit.base), touches: ['listNoticeRoutes'], reads: ['getNoticeRoute'], done: () => { toast(t.removed); onClose(); void navigate({to: '/$tenant/notices', params: {tenant}}); }});
  return <Confirm title={t.remove} lead={t.removeLead} verb={t.remove} weight="danger" act={act} over={{edit, names: {name: t.name}}} go={() => act.mutate()} onClose={onClose}>{r.name}</Confirm>;
}
