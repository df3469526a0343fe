// Card keys come as a file, or as lines that are pasted. They are looked through here, then taken in by a task that this page follows and need not wait for.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useEffect, useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {createCardKeyImport, getProduct} from '../../../api/queries/catalog.ts';
import {createFile, getTask, type Task} from '../../../api/queries/tasks.ts';
import {useSession} from '../../../api/session.ts';
import {fileMax, readKeys, type Read, type Seen} from '../../../domain/keyfile.ts';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {Title} from '../../../domain/Title.tsx';
import {codes} from '../../../i18n/codes.ts';
import {importing} from '../../../i18n/importing.ts';
import {grouped, useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Drop} from '../../../ui/Drop.tsx';
import {LongField} from '../../../ui/Field.tsx';
import {Card, Facts, Mono, Page, Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Note, Panel, Progress} from '../../../ui/Panel.tsx';
import {ImportTask} from './ImportTask.tsx';

const route = getRouteApi('/$tenant/products/$product/import');

export function ImportPage() {
  const t = useText(importing), c = useText(codes), {tenant, can} = useSession(), {product} = route.useParams(), {task} = route.useSearch(), navigate = route.useNavigate();
  const of = useQuery(getProduct(tenant, product)), found = useQuery({...getTask(tenant, task ?? ''), enabled: task !== undefined});
  return (
    <Page title={t.title} count={of.data?.name} above={<div><Link block to="/$tenant/products/$product" params={{tenant, product}}><ArrowLeft size={16} aria-hidden />{of.data?.name ?? t.back}</Link></div>}>
      <Title of={t.title} />
      {task !== undefined ? <Shown of={found}>{now => <ImportTask key={now.id} product={product} task={now} />}</Shown>
        : can('createCardKeyImport') && can('createFile') ? <ImportForm product={product} onBegun={begun => void navigate({search: {task: begun.id}, replace: true})} /> : <Panel title={c.forbiddenTodo} />}
    </Page>
  );
}

interface Chosen {id: string; name: string; content: Blob}

// waits is how long a pasted text rests before it is read.
const waits = 250, pasted = 'pasted.txt', nameMax = 120;

const nameOf = (file: File): string => file.name.replace(/[/\\]/g, '_').slice(-nameMax) || pasted;

function ImportForm({product, onBegun}: {product: string; onBegun: (t: Task) => void}) {
  const t = useText(importing), [text, setText] = useState(''), [chosen, setChosen] = useState<Chosen>(), [sending, setSending] = useState(false), other = () => { setText(''); setChosen(undefined); };
  useEffect(() => {
    if (text === '') return undefined;
    const soon = setTimeout(() => setChosen({id: crypto.randomUUID(), name: pasted, content: new Blob([text])}), waits);
    return () => clearTimeout(soon);
  }, [text]);
  return (
    <Stack>
      {(chosen === undefined || text !== '') && <Card>
        <Soft>{t.lead}</Soft>
        {text === '' && <Drop label={t.drop} help={t.dropHelp} accept=".txt,.csv,text/plain,text/csv" onFile={file => setChosen({id: crypto.randomUUID(), name: nameOf(file), content: file})} />}
        <LongField label={t.paste} help={t.pasteHelp} value={text} rows={8} spellCheck={false} autoCapitalize="none" autoComplete="off" disabled={sending} onChange={e => { setText(e.target.value); if (e.target.value === '') setChosen(undefined); }} />
      </Card>}
      {chosen !== undefined && (chosen.content.size > fileMax ? <Note tone="bad" acts={<Button onClick={other}>{t.other}</Button>}>{t.tooLarge}</Note> : <Look key={chosen.id} {...{product, chosen, onBegun, onSending: setSending}} onOther={other} />)}
    </Stack>
  );
}

interface LookProps {product: string; chosen: Chosen; onBegun: (t: Task) => void; onOther: () => void; onSending: (now: boolean) => void}

// Look reads what was chosen and says what it found; then it can be sent.
function Look({product, chosen, onBegun, onOther, onSending}: LookProps) {
  const t = useText(importing), {tenant} = useSession(), [seen, setSeen] = useState<Seen>(), [read, setRead] = useState<Read>(), [broken, setBroken] = useState(false);
  useEffect(() => {
    const over = new AbortController();
    readKeys(chosen.content, setSeen, over.signal).then(setRead, () => { if (!over.signal.aborted) setBroken(true); });
    return () => over.abort();
  }, [chosen.content]);
  const act = useAct<Read, Task>({
    name: of => `createCardKeyImport:${product}:${of.digest}`,
    run: async (of, key) => {
      onSending(true);
      try {
        return await createCardKeyImport(tenant, product, (await createFile(tenant, chosen.name, of.content, key + '.file')).id, key);
      } finally {
        onSending(false);
      }
    },
    touches: ['listTasks'], done: onBegun,
  });
  if (broken) return <Note tone="bad" acts={<Button onClick={onOther}>{t.other}</Button>}>{t.notText}</Note>;
  if (seen === undefined) return null;
  return (
    <Card label={t.read}>
      <Row between><h2>{read === undefined ? t.reading : t.read}</h2>{chosen.name !== pasted && <Soft>{chosen.name}</Soft>}</Row>
      {read === undefined && <Progress label={t.reading} of={Math.round(seen.bytes * 1_000 / Math.max(chosen.content.size, 1))} />}
      <Facts of={[[t.lines, grouped(seen.lines)], [t.blank, seen.blank > 0 && grouped(seen.blank)], [t.repeated, seen.repeated > 0 && grouped(seen.repeated)], [t.keys, grouped(seen.keys)]]} />
      {seen.sample.length > 0 && <Stack tight><Soft small>{t.sample}</Soft><Row>{seen.sample.map((s, n) => <Mono key={`${n}${s}`}>{s}</Mono>)}</Row></Stack>}
      {read !== undefined && seen.encoding !== 'utf-8' && <Note>{t.converted(seen.encoding.toUpperCase())}</Note>}
      {read !== undefined && seen.keys === 0 && <Note tone="warn">{t.nothing}</Note>}
      <Row>
        {read !== undefined && seen.keys > 0 && <Button weight="primary" busy={act.isPending} onClick={() => act.mutate(read)}>{act.isPending ? t.sending : t.go(seen.keys)}</Button>}
        <Button onClick={onOther} disabled={act.isPending}>{t.other}</Button>
      </Row>
      <ProblemNote of={act.error} />
    </Card>
  );
}
