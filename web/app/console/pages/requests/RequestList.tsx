import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {useState, type FormEvent} from 'react';
import {listRequests, type RequestEntry} from '../../../api/queries/requests.ts';
import {useSession} from '../../../api/session.ts';
import {Filters} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Answered, Asker, operationName} from '../../../domain/RequestLine.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {common} from '../../../i18n/common.ts';
import {requests} from '../../../i18n/requests.ts';
import {useLang, useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {DataList} from '../../../ui/DataList.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {TextField} from '../../../ui/Field.tsx';
import {Mono, Page, Soft, Stack} from '../../../ui/Layout.tsx';
import {ButtonLink, Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {isRequest, requestFilters, requestQuery} from './filters.ts';

const route = getRouteApi('/$tenant/requests');

export function RequestList() {
  const t = useText(requests), lang = useLang(), {tenant, can} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listRequests(tenant, requestQuery(search))), [finding, setFinding] = useState(false);
  const link = (r: RequestEntry) => <Stack tight><Link block to="/$tenant/requests/$request" params={{tenant, request: r.id}}>{operationName(r.operation, lang)}</Link><Soft small>{r.operation}</Soft></Stack>;
  const state = (r: RequestEntry) => <Stack tight><Answered status={r.status} />{r.error_code !== undefined && <Soft small>{r.error_code}</Soft>}</Stack>;
  return (
    <Page title={t.title} acts={can('getRequest') && <Button onClick={() => setFinding(true)}>{t.find}</Button>}>
      <Title of={t.title} />
      <Filters fields={[
        {kind: 'one-of', name: 'outcome', label: t.outcome, of: requestFilters.outcome.values.map(v => [v, t.onlyFailed] as const)}, {kind: 'text', name: 'operation', label: t.operation}, {kind: 'text', name: 'error_code', label: t.code}, {kind: 'text', name: 'actor_id', label: t.actorId}, {kind: 'days', name: 'from', label: t.days},
      ]} search={search} onChange={to => void navigate({search: print({...search, cursor: undefined, ...to})})} />
      <Shown of={found}>
        {page => page.data.length === 0 ? Object.keys(search).length > 0 ? <Panel title={t.none} todo={t.noneTodo} /> : <Panel title={t.never} todo={t.neverTodo}>{can('listAPIKeys') && <ButtonLink weight="primary" to="/$tenant/keys" params={{tenant}}>{t.toKeys}</ButtonLink>}</Panel> : <>
          <DataList label={t.title} rows={page.data} id={r => r.id} stale={found.isPlaceholderData} card={r => ({title: link(r), figure: <Time at={r.created_at} />, when: <Asker id={r.actor_id} />, state: state(r)})} columns={[
            {id: 'time', header: t.time, cell: r => <Time at={r.created_at} />, fixed: true},
            {id: 'operation', header: t.operation, cell: link},
            {id: 'path', header: t.path, cell: r => <Mono>{r.method} {r.path}</Mono>, priority: 3},
            {id: 'actor', header: t.actor, cell: r => <Asker id={r.actor_id} />, priority: 2, fixed: true},
            {id: 'took', header: t.took, cell: r => t.ms(r.duration_us), align: 'right', priority: 3, fixed: true},
            {id: 'status', header: t.status, cell: state},
          ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
      {finding && <Find onClose={() => setFinding(false)} onFound={request => void navigate({to: '/$tenant/requests/$request', params: {tenant, request}})} />}
    </Page>
  );
}

function Find({onClose, onFound}: {onClose: () => void; onFound: (id: string) => void}) {
  const t = useText(requests), c = useText(common), [typed, setTyped] = useState(''), [wrong, setWrong] = useState(false);
  const open = () => { const id = typed.trim(); if (isRequest(id)) onFound(id); else setWrong(true); };
  return (
    <Dialog open onClose={onClose} title={t.find} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="primary" onClick={open}>{t.open}</Button></>}>
      <form onSubmit={(e: FormEvent) => { e.preventDefault(); open(); }}><TextField label={t.id} help={t.findHelp} wrong={wrong ? t.notId : undefined} value={typed} maxLength={64} autoComplete="off" spellCheck={false} autoCapitalize="none" onChange={e => { setTyped(e.target.value); setWrong(false); }} /></form>
    </Dialog>
  );
}
