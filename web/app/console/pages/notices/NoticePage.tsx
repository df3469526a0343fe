// Where people are told of events, what was sent, and in which words.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {useState} from 'react';
import {listNoticeRoutes, listNoticeTemplates, type NoticeRoute} from '../../../api/queries/notices.ts';
import {useSession} from '../../../api/session.ts';
import {print, type Search} from '../../../domain/filters.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {eventWords} from '../../../i18n/events.ts';
import {notices} from '../../../i18n/notices.ts';
import {useLang, useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {DataList} from '../../../ui/DataList.tsx';
import {Card, Page, Row, Soft} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Tag} from '../../../ui/Mark.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {Choice} from '../../../ui/Tabs.tsx';
import {routeQuery} from './filters.ts';
import {RouteForm} from './RouteForm.tsx';
import {routeState} from './routes.ts';
import {SentList} from './SentList.tsx';

const route = getRouteApi('/$tenant/notices');
const shows = ['routes', 'sent', 'texts'] as const;

export function NoticePage() {
  const t = useText(notices), {can} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), [adding, setAdding] = useState(false), show = shows.find(s => s === search['show']) ?? 'routes';
  return (
    <Page title={t.title} acts={can('createNoticeRoute') && <Button weight="primary" onClick={() => setAdding(true)}>{t.newRoute}</Button>}>
      <Title of={t.title} />
      <Row><Choice label={t.show} of={shows.map(s => [s, t[s]] as const)} chosen={show} onChoose={s => void navigate({search: print({show: s === 'routes' ? undefined : s})})} /></Row>
      {show === 'routes' && <Routes />}
      {show === 'sent' && can('listNotices') && <SentList />}
      {show === 'texts' && can('listNoticeTemplates') && <Texts />}
      {adding && <RouteForm onClose={() => setAdding(false)} onMade={r => void navigate({to: '/$tenant/notices/routes/$route', params: {route: r.id}})} />}
    </Page>
  );
}

function Routes() {
  const t = useText(notices), {tenant} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listNoticeRoutes(tenant, routeQuery(search)));
  const link = (r: NoticeRoute) => <Link to="/$tenant/notices/routes/$route" params={{tenant, route: r.id}}>{r.name}</Link>, state = (r: NoticeRoute) => <Status of="endpoint" is={routeState(r)} />;
  return (
    <Shown of={found}>
      {page => page.data.length === 0 ? <Panel title={t.noRoutes} todo={t.noRoutesTodo} /> : <>
        <DataList label={t.routes} rows={page.data} id={r => r.id} stale={found.isPlaceholderData} card={r => ({title: link(r), figure: t.channels[r.channel] ?? r.channel, when: r.address_hint, state: state(r)})} columns={[
          {id: 'name', header: t.name, cell: link}, {id: 'channel', header: t.channel, cell: r => t.channels[r.channel] ?? r.channel, fixed: true}, {id: 'address', header: t.address, cell: r => <Soft>{r.address_hint}</Soft>, priority: 2},
          {id: 'types', header: t.about, cell: r => <Soft small>{r.event_types.join(' · ')}</Soft>, priority: 3}, {id: 'time', header: t.created, cell: r => <Time at={r.created_at} />, priority: 3, fixed: true}, {id: 'status', header: t.status, cell: state},
        ]} />
        <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
      </>}
    </Shown>
  );
}

function Texts() {
  const t = useText(notices), words = useText(eventWords), lang = useLang(), {tenant} = useSession(), found = useQuery(listNoticeTemplates(tenant));
  return (
    <Shown of={found}>
      {({data}) => <Card><Lines label={t.texts} of={data.filter(m => m.language === lang).map(m => ({
        id: m.event_type, what: <><Link block to="/$tenant/notices/texts/$type/$language" params={{tenant, type: m.event_type, language: m.language}}>{words[m.event_type] ?? m.event_type}</Link> <Soft small>{m.title}</Soft></>, end: <Tag tone={m.own ? 'work' : 'over'}>{m.own ? t.own : t.usual}</Tag>,
      }))} /></Card>}
    </Shown>
  );
}
