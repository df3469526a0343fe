import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listAPIKeys, type APIKey} from '../../../api/queries/access.ts';
import {useSession} from '../../../api/session.ts';
import {parse, print, type Search} from '../../../domain/filters.ts';
import {News} from '../../../domain/News.tsx';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {developers} from '../../../i18n/developers.ts';
import {frame} from '../../../i18n/frame.ts';
import {useText} from '../../../i18n/texts.ts';
import {DataList} from '../../../ui/DataList.tsx';
import {Mono, Page, Soft} from '../../../ui/Layout.tsx';
import {ButtonLink, Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {cursorOnly} from './filters.ts';
import {statusOf} from './keys.ts';

const route = getRouteApi('/$tenant/keys');

export function KeyList() {
  const t = useText(developers), {roles} = useText(frame), {tenant, can} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate();
  const found = useQuery(listAPIKeys(tenant, {limit: 50, ...parse(cursorOnly, search)}));
  const link = (k: APIKey) => <Link to="/$tenant/keys/$key" params={{tenant, key: k.id}}>{k.name}</Link>;
  const used = (k: APIKey) => k.last_used_at === undefined ? <Soft>{t.never}</Soft> : <Time at={k.last_used_at} />;
  const make = can('createAPIKey') && <ButtonLink weight="primary" to="/$tenant/keys/new" params={{tenant}}>{t.newKey}</ButtonLink>;
  return (
    <Page title={t.keys} acts={make}>
      <Title of={t.keys} />
      <News of="listAPIKeys" />
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.noKeys} todo={t.noKeysTodo}>{make}</Panel> : <>
          <DataList label={t.keys} rows={page.data} id={k => k.id} stale={found.isPlaceholderData} card={k => ({title: link(k), figure: <Mono>{'…' + k.last4}</Mono>, when: <>{roles[k.role]} · {used(k)}</>, state: <Status of="key" is={statusOf(k)} />})} columns={[
            {id: 'name', header: t.name, cell: link},
            {id: 'role', header: t.role, cell: k => <>{roles[k.role]}{k.permissions !== undefined && <Soft small> · {t.narrowed}</Soft>}</>},
            {id: 'last4', header: t.last4, cell: k => <Mono>{'…' + k.last4}</Mono>, priority: 2},
            {id: 'created', header: t.created, cell: k => <Time at={k.created_at} />, priority: 3, fixed: true},
            {id: 'used', header: t.used, cell: used, fixed: true, priority: 2},
            {id: 'expires', header: t.expires, cell: k => k.expires_at === undefined ? <Soft>{t.noEnd}</Soft> : <Time at={k.expires_at} />, priority: 3, fixed: true},
            {id: 'status', header: t.status, cell: k => <Status of="key" is={statusOf(k)} />},
          ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
    </Page>
  );
}
