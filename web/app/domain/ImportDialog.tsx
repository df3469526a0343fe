// Card keys come as lines that are pasted. What is left out is told by its line.
import {useState} from 'react';
import {useAct} from '../api/intent.ts';
import {importCardKeys} from '../api/queries/catalog.ts';
import {useSession} from '../api/session.ts';
import {ProblemNote} from './Problem.tsx';
import {catalog} from '../i18n/catalog.ts';
import {common} from '../i18n/common.ts';
import {useText} from '../i18n/texts.ts';
import {Button} from '../ui/Button.tsx';
import {Dialog} from '../ui/Dialog.tsx';
import {LongField} from '../ui/Field.tsx';
import {Soft} from '../ui/Layout.tsx';
import {Lines} from '../ui/Lines.tsx';
import {Note} from '../ui/Panel.tsx';

const most = 5_000, listed = 200;

interface Pasted {key: string; line: number}

// pasted are the lines that are not empty, each with its number.
const pasted = (text: string): Pasted[] => text.split(/\r?\n/).map((line, n) => ({key: line.trim(), line: n + 1})).filter(l => l.key !== '');

// digest stands for what is imported in the name of the act: card keys are not kept anywhere in the browser.
function digest(lines: readonly Pasted[]): string {
  let sum = 0;
  for (const {key} of lines) for (const c of key) sum = (sum * 31 + (c.codePointAt(0) ?? 0)) % 2_147_483_647;
  return `${lines.length}.${sum}`;
}

export function ImportDialog({product, onClose}: {product: string; onClose: () => void}) {
  const t = useText(catalog), c = useText(common), {tenant} = useSession(), [text, setText] = useState(''), lines = pasted(text), twice = lines.length - new Set(lines.map(l => l.key)).size;
  const act = useAct<readonly Pasted[], {accepted: number; skipped: {line: number; code: string}[]}>({
    name: of => `importCardKeys:${product}:${digest(of)}`,
    run: async (of, key) => {
      const done = await importCardKeys(tenant, product, of.map(l => l.key), key);
      return {accepted: done.accepted, skipped: (done.skipped ?? []).map(s => ({line: of[s.index]?.line ?? s.index + 1, code: s.code}))};
    },
    touches: ['listCardKeyImports', 'getStock', 'listCardKeys', 'listTodos'],
  });
  const {data} = act;
  if (data !== undefined) {
    return (
      <Dialog open onClose={onClose} title={t.result} acts={<Button weight="primary" onClick={onClose}>{c.close}</Button>}>
        <Note tone="good">{t.added(data.accepted)}{data.skipped.length > 0 && ` · ${t.duplicates(data.skipped.length)}`}</Note>
        {data.skipped.length > 0 && <Lines label={t.skippedLines} of={data.skipped.slice(0, listed).map(s => ({id: String(s.line), what: t.line(s.line), end: <Soft>{t.skips[s.code] ?? s.code}</Soft>}))} />}
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title={t.import} lead={t.importLead} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="primary" busy={act.isPending} disabled={lines.length === 0 || lines.length > most} onClick={() => act.mutate(lines)}>{t.go(lines.length)}</Button></>}>
      <LongField label={t.keys} value={text} rows={8} spellCheck={false} autoCapitalize="none" autoComplete="off" disabled={act.isPending} help={t.read(lines.length, twice)} wrong={lines.length > most ? t.tooMany : undefined} onChange={e => setText(e.target.value)} />
      <ProblemNote of={act.error} />
    </Dialog>
  );
}
