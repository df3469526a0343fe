import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {listTasks} from '../../../api/queries/tasks.ts';
import {useSession} from '../../../api/session.ts';
import {print, type Search} from '../../../domain/filters.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {OneTask} from '../../../domain/Task.tsx';
import {Title} from '../../../domain/Title.tsx';
import {portalMe} from '../../../i18n/portalMe.ts';
import {useText} from '../../../i18n/texts.ts';
import {Page, Stack} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';

const route = getRouteApi('/$tenant/tasks'), limit = 30;

export function FileList() {
  const t = useText(portalMe), {tenant} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listTasks(tenant, {limit, ...(search['cursor'] !== undefined && {cursor: search['cursor']})}));
  return (
    <Page title={t.files} above={<div><Link block to="/$tenant/me" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.me}</Link></div>}>
      <Title of={t.files} />
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.noFiles} todo={t.noFilesTodo} /> : <>
          <Stack tight>{page.data.map(task => <OneTask key={task.id} task={task} />)}</Stack>
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({cursor: to})})} />
        </>}
      </Shown>
    </Page>
  );
}
