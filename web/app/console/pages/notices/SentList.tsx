import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listNoticeRoutes, listNotices, type Notice} from '../../../api/queries/notices.ts';
import {useSession} from '../../../api/session.ts';
import {print, type Search} from '../../../domain/filters.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {eventWords} from '../../../i18n/events.ts';
import {notices} from '../../../i18n/notices.ts';
import {statusWords} from '../../../i18n/status.ts';
import {useText} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {Choice} from '../../../ui/Tabs.tsx';
import {noticeFilters, noticeQuery} from './filters.ts';

const route = getRouteApi('/$tenant/notices');

// SentList is what was sent to people, what waits, and what was given up.
export function SentList() {
  const t = useText(notices), words = useText(eventWords), states = useText(statusWords), {tenant, can} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate();
  const found = useQuery(listNotices(tenant, noticeQuery(search))), known = useQuery({...listNoticeRoutes(tenant, {limit: 100}), enabled: can('listNoticeRoutes')});
  const named = (id: string) => known.data?.data.find(r => r.id === id)?.name;
  const to = (n: Notice) => { const name = named(n.notice_route_id); return name === undefined ? <Soft>{t.gone}</Soft> : <Link to="/$tenant/notices/routes/$route" params={{tenant, route: n.notice_route_id}}>{name}</Link>; };
  const what = (n: Notice) => <Stack tight><span>{words[n.event_type] ?? n.event_type}{n.events > 1 && <Soft small> {t.events(n.events)}</Soft>}</span>{n.error !== undefined && n.error !== '' && <Soft small><span lang="en">{n.error}</span></Soft>}</Stack>;
  const event = (n: Notice) => can('getEvent') && <Link to="/$tenant/events/$event" params={{tenant, event: n.last_event_id}}>{t.toEvent}</Link>;
  return <>
    <Row><Choice label={t.status} of={[['', t.anyStatus], ...noticeFilters.status.values.map(v => [v, states.notice[v]] as const)]} chosen={search['status'] ?? ''} onChoose={v => void navigate({search: print({...search, cursor: undefined, status: v || undefined})})} /></Row>
    <Shown of={found}>
      {page => page.data.length === 0 ? <Panel title={t.noSent} todo={t.noSentTodo} /> : <>
        <DataList label={t.sent} rows={page.data} id={n => n.id} stale={found.isPlaceholderData} card={n => ({title: what(n), figure: <Time at={n.sent_at ?? n.created_at} />, when: to(n), state: <Status of="notice" is={n.status} />})} columns={[
          {id: 'time', header: t.time, cell: n => <Time at={n.sent_at ?? n.created_at} />, fixed: true}, {id: 'event', header: t.event, cell: what}, {id: 'route', header: t.route, cell: to}, {id: 'open', header: '', cell: event, priority: 3, fixed: true},
          {id: 'tries', header: t.tries, cell: n => n.attempts, align: 'right', priority: 2}, {id: 'status', header: t.status, cell: n => <Status of="notice" is={n.status} />},
        ]} />
        <Pager cursor={search['cursor']} next={page.next_cursor} onGo={cursor => void navigate({search: print({...search, cursor})})} />
      </>}
    </Shown>
  </>;
}
