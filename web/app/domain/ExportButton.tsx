// The button that makes a file of a list, with the filters that it has. It is absent where the role may not.
import {useNavigate} from '@tanstack/react-router';
import {useState} from 'react';
import type {Schema} from '../api/client.ts';
import {useAct} from '../api/intent.ts';
import {createExport} from '../api/queries/tasks.ts';
import {useSession} from '../api/session.ts';
import {exporting} from '../i18n/exporting.ts';
import {common} from '../i18n/common.ts';
import {useLang, useText} from '../i18n/texts.ts';
import {Button} from '../ui/Button.tsx';
import {Dialog} from '../ui/Dialog.tsx';
import {SelectField} from '../ui/Field.tsx';
import {toast} from '../ui/Toast.tsx';
import {ProblemNote} from './Problem.tsx';

interface ExportProps {list: Schema<'ExportCreate'>['list']; query: object; total?: string | undefined}

// filtersOf is the query of the list as an export takes it: without what says which page.
export function filtersOf(query: object): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (!['limit', 'cursor', 'include'].includes(name) && value !== undefined) out.set(name, String(value));
  return out.toString();
}

export function ExportButton(props: ExportProps) {
  const t = useText(exporting), {can} = useSession(), [open, setOpen] = useState(false);
  if (!can('createExport')) return null;
  return <><Button onClick={() => setOpen(true)}>{t.export}</Button>{open && <ExportDialog {...props} onClose={() => setOpen(false)} />}</>;
}

function ExportDialog({list, query, total, onClose}: ExportProps & {onClose: () => void}) {
  const t = useText(exporting), c = useText(common), lang = useLang(), {tenant} = useSession(), navigate = useNavigate();
  const [format, setFormat] = useState<'csv' | 'xlsx'>('csv'), filters = filtersOf(query);
  const act = useAct({
    name: () => `createExport:${list}:${format}:${filters}`,
    run: (_: void, key) => createExport(tenant, {list, format, language: lang, ...(filters !== '' && {query: filters})}, key),
    touches: ['listTasks'],
    done: () => { toast(t.exported); onClose(); void navigate({to: '/$tenant/tasks', params: {tenant}}); },
  });
  return (
    <Dialog open onClose={onClose} title={t.exportTitle(t.lists[list])} lead={t.exportLead(total === undefined ? '' : ` ${total}`)} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="primary" busy={act.isPending} onClick={() => act.mutate()}>{t.export}</Button></>}>
      <SelectField label={t.format} value={format} onChange={e => setFormat(e.target.value === 'xlsx' ? 'xlsx' : 'csv')} of={[['csv', t.csv], ['xlsx', t.xlsx]]} />
      <ProblemNote of={act.error} />
    </Dialog>
  );
}
