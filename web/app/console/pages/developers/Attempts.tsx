import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listWebhookAttempts, type Attempt} from '../../../api/queries/webhooks.ts';
import {useSession} from '../../../api/session.ts';
import {parse, print, type Search} from '../../../domain/filters.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Time} from '../../../domain/Time.tsx';
import {developers} from '../../../i18n/developers.ts';
import {useText} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Soft, Stack} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Mark} from '../../../ui/Mark.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {cursorOnly} from './filters.ts';

const route = getRouteApi('/$tenant/webhooks/$endpoint');
const okBelow = 300;

// Answer is what the endpoint said to an attempt.
export function Answer({of: a}: {of: Pick<Attempt, 'response_status' | 'error'>}) {
  const t = useText(developers), took = a.response_status !== undefined && a.response_status < okBelow;
  return <Mark look={took ? ['good', 'check'] : ['risk', 'cross']}>{a.response_status === undefined ? t.noAnswer : `HTTP ${a.response_status}`}</Mark>;
}

export function Attempts({endpoint}: {endpoint: string}) {
  const t = useText(developers), {tenant} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate();
  const found = useQuery({...listWebhookAttempts(tenant, endpoint, {limit: 50, ...parse(cursorOnly, search)}), refetchInterval: 5_000});
  const link = (a: Attempt) => <Link to="/$tenant/webhooks/$endpoint/attempts/$attempt" params={{tenant, endpoint, attempt: a.id}}><Time at={a.created_at} /></Link>;
  return (
    <Stack>
      <h2>{t.attempts}</h2>
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.noAttempts} todo={t.noAttemptsTodo} /> : <>
          <DataList label={t.attempts} rows={page.data} id={a => a.id} stale={found.isPlaceholderData} card={a => ({title: link(a), figure: <Answer of={a} />, when: <Soft small>{'…' + a.event_id.slice(-8)} · {t.nthTime(a.attempt)}</Soft>, state: t.ms(a.duration_ms)})} columns={[
            {id: 'time', header: t.time, cell: link, fixed: true},
            {id: 'event', header: t.event, cell: a => <Soft small>{'…' + a.event_id.slice(-8)}</Soft>, priority: 2},
            {id: 'nth', header: t.nth, cell: a => t.nthTime(a.attempt), fixed: true},
            {id: 'answer', header: t.answer, cell: a => <Answer of={a} />},
            {id: 'took', header: t.took, cell: a => t.ms(a.duration_ms), align: 'right'},
          ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
    </Stack>
  );
}
