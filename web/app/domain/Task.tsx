// One piece of long work: how far it is, and the file that came of it.
import {useState} from 'react';
import {useAct} from '../api/intent.ts';
import {cancelTask, saveFile, type Task} from '../api/queries/tasks.ts';
import {useSession} from '../api/session.ts';
import {useText} from '../i18n/texts.ts';
import {work} from '../i18n/work.ts';
import {Button} from '../ui/Button.tsx';
import {Card, Row, Soft, Strong} from '../ui/Layout.tsx';
import {Progress} from '../ui/Panel.tsx';
import {toast} from '../ui/Toast.tsx';
import {runs, share, useLive} from './following.ts';
import {ProblemNote} from './Problem.tsx';
import {Status} from './Status.tsx';
import {Time} from './Time.tsx';

const touches = ['listTasks'] as const;

export function OneTask({task: listed}: {task: Task}) {
  const t = useText(work), {tenant, can} = useSession(), {task} = useLive(listed, touches), [failed, setFailed] = useState<unknown>(null), [saving, setSaving] = useState(false);
  const cancel = useAct({name: () => `cancelTask:${task.id}`, run: (_: void, key) => cancelTask(tenant, task.id, key), touches: ['listTasks'], done: () => toast(t.canceled)});
  const {done, total, counts} = task.progress, file = task.file_id, lines = task.kind === 'card_key_import'; // how far such a task is, is counted in bytes
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
          <Soft>{lines ? t.rows(counts['lines'] ?? 0) : total === undefined ? t.rows(done) : t.ofRows(done, total)}</Soft>
          {runs(task) && can('cancelTask') && <Button busy={cancel.isPending} onClick={() => cancel.mutate()}>{t.cancel}</Button>}
          {file !== undefined && can('downloadFile') && <Button weight="primary" busy={saving} onClick={() => save(file)}>{t.download}</Button>}
        </Row>
      </Row>
      {runs(task) && <Progress label={t.progress} of={share(task)} />}
      {task.error_code !== undefined && <Soft small>{t.why}: {task.error_code}</Soft>}
      <ProblemNote of={cancel.error ?? failed} />
    </Card>
  );
}
