import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listTasks} from '../../../api/queries/tasks.ts';
import {useSession} from '../../../api/session.ts';
import {Filters} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {OneTask} from '../../../domain/Task.tsx';
import {Title} from '../../../domain/Title.tsx';
import {statusWords} from '../../../i18n/status.ts';
import {useText} from '../../../i18n/texts.ts';
import {work} from '../../../i18n/work.ts';
import {Page, Stack} from '../../../ui/Layout.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {taskFilters, taskQuery} from './filters.ts';

const route = getRouteApi('/$tenant/tasks');

export function TaskList() {
  const t = useText(work), words = useText(statusWords), {tenant} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listTasks(tenant, taskQuery(search)));
  return (
    <Page title={t.tasks}>
      <Title of={t.tasks} />
      <Filters fields={[{kind: 'one-of', name: 'status', label: t.status, of: taskFilters.status.values.map(v => [v, words.task[v]] as const)}]} search={search} onChange={to => void navigate({search: print({...search, cursor: undefined, ...to})})} />
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.noTasks} todo={t.noTasksTodo} /> : <>
          <Stack tight>{page.data.map(task => <OneTask key={task.id} task={task} />)}</Stack>
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
    </Page>
  );
}
