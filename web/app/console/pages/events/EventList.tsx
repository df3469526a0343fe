import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listEvents, type Event} from '../../../api/queries/events.ts';
import {useSession} from '../../../api/session.ts';
import {eventTypes} from '../../../domain/EventTypes.tsx';
import {ExportButton} from '../../../domain/ExportButton.tsx';
import {Filters} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {common} from '../../../i18n/common.ts';
import {developers} from '../../../i18n/developers.ts';
import {eventWords, subjectWords} from '../../../i18n/events.ts';
import {useText} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Mono, Page, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {eventFilters, eventQuery} from './filters.ts';

const route = getRouteApi('/$tenant/events');

export function EventList() {
  const t = useText(developers), c = useText(common), words = useText(eventWords), subjects = useText(subjectWords), {tenant} = useSession();
  const search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listEvents(tenant, eventQuery(search))), total = found.data?.total, count = total && c.total(total.count, total.capped);
  const link = (e: Event) => <Link to="/$tenant/events/$event" params={{tenant, event: e.id}}>{words[e.type] ?? e.type}</Link>;
  const about = (e: Event) => <>{subjects[e.subject_type] ?? e.subject_type} <Soft small>{'…' + e.subject_id.slice(-8)}</Soft></>;
  return (
    <Page title={t.events} count={count} acts={<ExportButton list="events" query={eventQuery(search)} total={count} />}>
      <Title of={t.events} />
      <Filters fields={[
        {kind: 'one-of', name: 'type', label: t.type, of: eventTypes.map(v => [v, words[v]] as const)}, {kind: 'days', name: 'from', label: t.days}, {kind: 'text', name: 'subject_id', label: t.subjectId},
        {kind: 'one-of', name: 'subject_type', label: t.subject, of: eventFilters.subject_type.values.map(v => [v, subjects[v]] as const)},
      ]} search={search} onChange={to => void navigate({search: print({...search, cursor: undefined, ...to})})} />
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.noEvents} todo={t.noEventsTodo} /> : <>
          <DataList label={t.events} rows={page.data} id={e => e.id} stale={found.isPlaceholderData} card={e => ({title: link(e), figure: <Time at={e.created_at} />, when: about(e), state: ''})} columns={[
            {id: 'time', header: t.time, cell: e => <Time at={e.created_at} />, fixed: true},
            {id: 'type', header: t.event, cell: link},
            {id: 'name', header: t.type, cell: e => <Mono>{e.type}</Mono>, priority: 2},
            {id: 'subject', header: t.subject, cell: about},
            {id: 'sequence', header: t.sequence, cell: e => e.sequence, align: 'right', priority: 3},
          ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
    </Page>
  );
}
