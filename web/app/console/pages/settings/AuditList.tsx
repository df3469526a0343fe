import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listAuditLog} from '../../../api/queries/events.ts';
import type {Schema} from '../../../api/client.ts';
import {useSession} from '../../../api/session.ts';
import {ExportButton} from '../../../domain/ExportButton.tsx';
import {Filters} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {operations} from '../../../i18n/operations.ts';
import {settings} from '../../../i18n/settings.ts';
import {useLang, useText, type Lang} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Page, Soft, Stack} from '../../../ui/Layout.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {auditFilters, auditQuery} from './filters.ts';

const route = getRouteApi('/$tenant/audit');

type Entry = Schema<'AuditEntry'>;

const names = new Map(operations.map(([id, , , zh, en]) => [id, {zh, en}]));
const nameOf = (action: string, lang: Lang): string => names.get(action)?.[lang] ?? action;
const end = (id: string) => id === '' ? '' : '…' + id.slice(-8);

export function AuditList() {
  const t = useText(settings), lang = useLang(), {tenant} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listAuditLog(tenant, auditQuery(search)));
  const who = (e: Entry) => <span title={e.actor_id}>{t.kinds[e.actor_kind] ?? e.actor_kind} <Soft small>{end(e.actor_id)}</Soft></span>;
  const what = (e: Entry) => <Stack tight><span title={e.action}>{nameOf(e.action, lang)}</span>{(e.detail !== '' || e.changes.length > 0) && <Soft small>{[e.detail, ...e.changes.map(c => `${c.field}: ${c.before ?? ''} → ${c.after ?? ''}`)].filter(Boolean).join(' · ')}</Soft>}</Stack>;
  const subject = (e: Entry) => <span title={e.subject_id}>{e.subject_type} <Soft small>{end(e.subject_id)}</Soft></span>;
  return (
    <Page title={t.audit} acts={<ExportButton list="audit_log" query={auditQuery(search)} />}>
      <Title of={t.audit} />
      <Filters fields={[
        {kind: 'one-of', name: 'actor_kind', label: t.kind, of: auditFilters.actor_kind.values.map(v => [v, t.kinds[v]] as const)}, {kind: 'text', name: 'action', label: t.action}, {kind: 'days', name: 'from', label: t.days}, {kind: 'text', name: 'subject_id', label: t.subjectId},
      ]} search={search} onChange={to => void navigate({search: print({...search, cursor: undefined, ...to})})} />
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.noAudit} todo={t.noAuditTodo} /> : <>
          <DataList label={t.audit} rows={page.data} id={e => e.id} stale={found.isPlaceholderData} card={e => ({title: what(e), figure: <Time at={e.created_at} />, when: who(e), state: subject(e)})} columns={[
            {id: 'time', header: t.time, cell: e => <Time at={e.created_at} />, fixed: true},
            {id: 'who', header: t.who, cell: who, fixed: true},
            {id: 'what', header: t.what, cell: what},
            {id: 'subject', header: t.subject, cell: subject, priority: 2},
            {id: 'from', header: t.from, cell: e => e.client_address ?? '', priority: 3, fixed: true},
          ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
    </Page>
  );
}
