import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {useState} from 'react';
import {listWebhookEndpoints, type Endpoint} from '../../../api/queries/webhooks.ts';
import {useSession} from '../../../api/session.ts';
import {parse, print, type Search} from '../../../domain/filters.ts';
import {News} from '../../../domain/News.tsx';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {developers} from '../../../i18n/developers.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {DataList} from '../../../ui/DataList.tsx';
import {Page, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {NewEndpoint} from './EndpointForm.tsx';
import {healthOf} from './endpoints.ts';
import {cursorOnly} from './filters.ts';

const route = getRouteApi('/$tenant/webhooks');

export function EndpointList() {
  const t = useText(developers), {tenant, can} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), [making, setMaking] = useState(false);
  const found = useQuery(listWebhookEndpoints(tenant, {limit: 50, ...parse(cursorOnly, search)}));
  const link = (e: Endpoint) => <Link to="/$tenant/webhooks/$endpoint" params={{tenant, endpoint: e.id}}>{e.url}</Link>;
  const types = (e: Endpoint) => e.event_types.length === 0 ? t.allTypes : t.someTypes(e.event_types.length);
  const make = can('createWebhookEndpoint') && <Button weight="primary" onClick={() => setMaking(true)}>{t.newEndpoint}</Button>;
  return (
    <Page title={t.webhooks} acts={make}>
      <Title of={t.webhooks} />
      <News of="listWebhookEndpoints" />
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.noEndpoints} todo={t.noEndpointsTodo}>{make}</Panel> : <>
          <DataList label={t.webhooks} rows={page.data} id={e => e.id} stale={found.isPlaceholderData} card={e => ({title: link(e), figure: '', when: <Soft>{types(e)}</Soft>, state: <Status of="endpoint" is={healthOf(e)} />})} columns={[
            {id: 'url', header: t.url, cell: link},
            {id: 'types', header: t.types, cell: types, priority: 2, fixed: true},
            {id: 'created', header: t.created, cell: e => <Time at={e.created_at} />, priority: 3, fixed: true},
            {id: 'failing', header: t.failingSince, cell: e => e.failing_since && <Time at={e.failing_since} />, priority: 3, fixed: true},
            {id: 'status', header: t.status, cell: e => <Status of="endpoint" is={healthOf(e)} />},
          ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
      {making && <NewEndpoint onClose={() => setMaking(false)} />}
    </Page>
  );
}
