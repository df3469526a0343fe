// What stands beside the button of a form: why it was refused, or that the record has become another one meanwhile.
import {asProblem} from '../api/problem.ts';
import {common} from '../i18n/common.ts';
import {useText} from '../i18n/texts.ts';
import {Button} from '../ui/Button.tsx';
import {Stack} from '../ui/Layout.tsx';
import {Note} from '../ui/Panel.tsx';
import type {Edit, Values} from './edit.ts';
import {ProblemNote} from './Problem.tsx';

export interface Doing {isPending: boolean; error: unknown; reset?: () => void}

// Over is the record that a form lies over.
export interface Over<V extends Values> {
  edit: Pick<Edit<unknown, V>, 'stale' | 'news' | 'take'>;
  names: {readonly [K in keyof V]: string}; // of the fields
  say?: (name: keyof V & string, value: string) => string; // how a value is shown, where it is not by itself
}

export function EditProblem<V extends Values>({act, edit, names, say}: Over<V> & {act: Doing}) {
  const t = useText(common), refused = act.error !== null && act.error !== undefined && asProblem(act.error).code === 'precondition_failed';
  if (act.isPending || !edit.stale) return <ProblemNote of={act.error} />;
  const take = () => { edit.take(); act.reset?.(); };
  return <>
    {!refused && <ProblemNote of={act.error} />}
    <Note tone="warn" acts={<Button onClick={take}>{t.takeNews}</Button>}>
      <Stack tight>
        <span>{refused ? t.changedRefused : t.changedMeanwhile}</span>
        {edit.news.map(n => <span key={n.name}>{t.nowIs(names[n.name], say?.(n.name, n.value) ?? n.value)}</span>)}
      </Stack>
    </Note>
  </>;
}
