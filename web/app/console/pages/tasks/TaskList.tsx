import {useQuery, useQueryClient} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {useEffect, useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {cancelTask, listTasks, saveFile, type Task} from '../../../api/queries/tasks.ts';
import {useSession} from '../../../api/session.ts';
import {followTask} from '../../../api/stream.ts';
import {Filters} from '../../../domain/Filters.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {statusWords} from '../../../i18n/status.ts';
import {useText} from '../../../i18n/texts.ts';
import {work} from '../../../i18n/work.ts';
import {Button} from '../../../ui/Button.tsx';
import {Card, Page, Row, Soft, Stack, Strong} from '../../../ui/Layout.tsx';
import {Panel, Progress} from '../../../ui/Panel.tsx';
import {toast} from '../../../ui/Toast.tsx';
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

const runs = (task: Task) => task.status === 'queued' || task.status === 'running';
const whole = 1_000;

// useLive is a task as it gets on.
function useLive(task: Task): Task {
  const {tenant, can} = useSession(), queries = useQueryClient(), [live, setLive] = useState(task), follows = runs(task) && can('streamTask');
  useEffect(() => {
    if (!follows) return undefined;
    const over = new AbortController();
    followTask(tenant, task.id, setLive, over.signal).then(() => queries.invalidateQueries({queryKey: ['listTasks', tenant]})).catch(() => undefined);
    return () => over.abort();
  }, [follows, tenant, task.id, queries]);
  return runs(task) ? live : task;
}

function OneTask({task: listed}: {task: Task}) {
  const t = useText(work), {tenant, can} = useSession(), task = useLive(listed), [failed, setFailed] = useState<unknown>(null), [saving, setSaving] = useState(false);
  const cancel = useAct({name: () => `cancelTask:${task.id}`, run: (_: void, key) => cancelTask(tenant, task.id, key), touches: ['listTasks'], done: () => toast(t.canceled)});
  const {done, total} = task.progress, file = task.file_id;
  const save = (id: string) => {
    setSaving(true);
    setFailed(null);
    saveFile(tenant, id).catch(setFailed).finally(() => setSaving(false));
  };
  return (
    <Card label={t.kinds[task.kind] ?? task.kind}>
      <Row between>
        <Row><Strong>{t.kinds[task.kind] ?? task.kind}</Strong><Status of="task" is={task.status} /><Soft small><Time at={task.created_at} /></Soft></Row>
        <Row>
          <Soft>{total === undefined ? t.rows(done) : t.ofRows(done, total)}</Soft>
          {runs(task) && can('cancelTask') && <Button busy={cancel.isPending} onClick={() => cancel.mutate()}>{t.cancel}</Button>}
          {file !== undefined && can('downloadFile') && <Button weight="primary" busy={saving} onClick={() => save(file)}>{t.download}</Button>}
        </Row>
      </Row>
      {runs(task) && <Progress label={t.progress} of={total === undefined || total === 0 ? 0 : Math.min(whole, Math.round(done * whole / total))} />}
      {task.error_code !== undefined && <Soft small>{t.why}: {task.error_code}</Soft>}
      <ProblemNote of={cancel.error ?? failed} />
    </Card>
  );
}
