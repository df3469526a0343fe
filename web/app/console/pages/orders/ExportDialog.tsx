import {useNavigate} from '@tanstack/react-router';
import {useState} from 'react';
import type {QueryOf} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {createExport} from '../../../api/queries/tasks.ts';
import {useSession} from '../../../api/session.ts';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {common} from '../../../i18n/common.ts';
import {orders} from '../../../i18n/orders.ts';
import {useLang, useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {SelectField} from '../../../ui/Field.tsx';
import {toast} from '../../../ui/Toast.tsx';

// filtersOf is the query of the list as an export takes it: without what says which page.
export function filtersOf(query: QueryOf<'listOrders'>): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (!['limit', 'cursor', 'include'].includes(name) && value !== undefined) out.set(name, String(value));
  return out.toString();
}

export function ExportDialog({query, total, onClose}: {query: QueryOf<'listOrders'>; total: string | undefined; onClose: () => void}) {
  const t = useText(orders), c = useText(common), lang = useLang(), {tenant} = useSession(), navigate = useNavigate();
  const [format, setFormat] = useState<'csv' | 'xlsx'>('csv'), filters = filtersOf(query);
  const act = useAct({
    name: () => `createExport:${format}:${filters}`,
    run: (_: void, key) => createExport(tenant, {list: 'orders', format, language: lang, ...(filters !== '' && {query: filters})}, key),
    touches: ['listTasks'],
    done: () => { toast(t.exported); onClose(); void navigate({to: '/$tenant/tasks', params: {tenant}}); },
  });
  return (
    <Dialog open onClose={onClose} title={t.exportTitle} lead={t.exportLead(total === undefined ? '' : ` ${total}`)} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="primary" busy={act.isPending} onClick={() => act.mutate()}>{t.export}</Button></>}>
      <SelectField label={t.format} value={format} onChange={e => setFormat(e.target.value === 'xlsx' ? 'xlsx' : 'csv')} of={[['csv', t.csv], ['xlsx', t.xlsx]]} />
      <ProblemNote of={act.error} />
    </Dialog>
  );
}
