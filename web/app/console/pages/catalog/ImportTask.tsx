// An import as it gets on, what became of its lines, and the way back while nothing of it is sold.
import {useQuery} from '@tanstack/react-query';
import {useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {importsSince, voidCardKeyImport} from '../../../api/queries/catalog.ts';
import {cancelTask, readFile, saveFile, type Task} from '../../../api/queries/tasks.ts';
import {useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {leftOut} from '../../../domain/keyfile.ts';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {paceOf, runs, share, useLive, type Live} from '../../../domain/following.ts';
import {importing} from '../../../i18n/importing.ts';
import {grouped, useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {TextField} from '../../../ui/Field.tsx';
import {Big, Card, Columns, Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {ButtonLink} from '../../../ui/Link.tsx';
import {Mark, type Look} from '../../../ui/Mark.tsx';
import {Note, Progress} from '../../../ui/Panel.tsx';
import {toast} from '../../../ui/Toast.tsx';

const touches = ['getTask', 'listTasks', 'listCardKeyImports', 'getStock', 'listStock', 'listCardKeys', 'listTodos', 'getGoLiveChecklist'] as const;
const listed = 200;

interface Props {product: string; task: Task}

export function ImportTask({product, task: read}: Props) {
  const live = useLive(read, touches);
  return runs(live.task) ? <Running live={live} /> : <Result product={product} task={live.task} />;
}

function Running({live}: {live: Live}) {
  const t = useText(importing), {tenant, can} = useSession(), {task} = live, pace = paceOf(live), percent = Math.floor(share(task) / 10), {counts} = task.progress;
  const cancel = useAct({name: () => `cancelTask:${task.id}`, run: (_: void, key) => cancelTask(tenant, task.id, key), touches, done: () => toast(t.canceled)});
  return (
    <Card>
      <Row between><h2>{t.running}</h2>{can('cancelTask') && <Button busy={cancel.isPending} onClick={() => cancel.mutate()}>{t.cancel}</Button>}</Row>
      <Progress label={t.running} of={share(task)} />
      <Row><Big>{t.ofAll(percent)}</Big>{pace !== undefined && <Soft>{t.rate(pace.rate, pace.left)}</Soft>}</Row>
      <Soft>{t.accepted} {grouped(counts['accepted'] ?? 0)}{' · '}{t.duplicates} {grouped(counts['duplicates'] ?? 0)}</Soft>
      <Note>{t.mayLeave}</Note>
      <ProblemNote of={cancel.error} />
    </Card>
  );
}

const looks: Record<string, Look> = {succeeded: ['good', 'check'], failed: ['risk', 'cross'], canceled: ['over', 'dash']};

function Result({product, task}: Props) {
  const t = useText(importing), {tenant, can} = useSession(), [undoing, setUndoing] = useState(false), {counts} = task.progress, accepted = counts['accepted'] ?? 0;
  const figures = ([[t.accepted, accepted], [t.duplicates, counts['duplicates'] ?? 0], [t.refused, counts['refused'] ?? 0], [t.blank, counts['blank'] ?? 0]] as const);
  return (
    <Stack>
      <Card>
        <Row between><h2>{t.result}</h2><Mark look={looks[task.status] ?? ['over', 'dash']}>{t.ended[task.status] ?? task.status}</Mark></Row>
        <Columns of="four">{figures.map(([name, n]) => <Stack tight key={name}><Soft small>{name}</Soft><Big>{grouped(n)}</Big></Stack>)}</Columns>
        {task.error_code !== undefined && <Note tone="bad">{t.error}{': '}{task.error_code}</Note>}
        <Row>
          <ButtonLink weight="primary" to="/$tenant/products/$product" params={{tenant, product}}>{t.back}</ButtonLink>
          {can('createCardKeyImport') && <ButtonLink to="/$tenant/products/$product/import" params={{tenant, product}} search={{}}>{t.again}</ButtonLink>}
          {accepted > 0 && can('voidCardKeyImport') && can('listCardKeyImports') && <Button onClick={() => setUndoing(true)}>{t.undo}</Button>}
        </Row>
      </Card>
      {task.file_id !== undefined && can('downloadFile') ? <LeftOut file={task.file_id} /> : task.status === 'succeeded' && <Soft>{t.allIn}</Soft>}
      {undoing && <Undo product={product} task={task} onClose={() => setUndoing(false)} />}
    </Stack>
  );
}

function LeftOut({file}: {file: string}) {
  const t = useText(importing), {tenant} = useSession(), found = useQuery(readFile(tenant, file)), [failed, setFailed] = useState<unknown>(null), lines = found.data === undefined ? [] : leftOut(found.data, listed);
  const save = () => { setFailed(null); saveFile(tenant, file).catch(setFailed); };
  return (
    <Card>
      <Row between><h2>{t.left}</h2><Button onClick={save}>{t.save}</Button></Row>
      <Lines label={t.left} of={lines.map(l => ({id: String(l.line), what: t.line(l.line), end: <Soft>{t.why[l.code] ?? l.code}</Soft>}))} />
      {lines.length === listed && <Soft small>{t.first(listed)}</Soft>}
      <ProblemNote of={failed ?? found.error} />
    </Card>
  );
}

// Undo voids every part of this import, and of no other: what was made meanwhile has to be what the task has counted, or it is refused.
function Undo({product, task, onClose}: Props & {onClose: () => void}) {
  const t = useText(importing), {tenant} = useSession(), [reason, setReason] = useState(t.undoUsual), {accepted = 0, duplicates = 0} = task.progress.counts;
  const act = useAct<void, number | undefined>({
    name: () => `voidCardKeyImport:${task.id}:${reason}`, touches,
    run: async (_, key) => {
      const parts = (await importsSince(tenant, product, task.id)).filter(i => task.ended_at === undefined || Date.parse(i.created_at) <= Date.parse(task.ended_at));
      if (parts.reduce((n, i) => n + i.accepted, 0) !== accepted || parts.reduce((n, i) => n + i.duplicates, 0) !== duplicates) return undefined;
      let voided = 0;
      for (const [n, part] of parts.entries()) voided += (await voidCardKeyImport(tenant, part.id, reason.trim(), `${key}.${n}`)).voided;
      return voided;
    },
    done: n => { if (n !== undefined) { toast(t.undone(n, accepted)); onClose(); } },
  });
  return (
    <Confirm title={t.undo} lead={t.undoLead} verb={act.isPending ? t.looking : t.undo} weight="danger" act={act} go={() => { if (reason.trim() !== '') act.mutate(); }} onClose={onClose}>
      <TextField label={t.undoReason} value={reason} maxLength={256} required onChange={e => setReason(e.target.value)} />
      {act.isSuccess && act.data === undefined && <Note tone="warn">{t.mixed}</Note>}
    </Confirm>
  );
}
