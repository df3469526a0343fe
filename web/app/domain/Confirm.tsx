import type {ReactNode} from 'react';
import {common} from '../i18n/common.ts';
import {useText} from '../i18n/texts.ts';
import {Button, type Weight} from '../ui/Button.tsx';
import {Dialog} from '../ui/Dialog.tsx';
import type {Values} from './edit.ts';
import {EditProblem, type Doing, type Over} from './EditProblem.tsx';
import {ProblemNote} from './Problem.tsx';

interface ConfirmProps<V extends Values> {
  title: string;
  lead?: string;
  verb: string;
  weight?: Weight;
  act: Doing;
  over?: Over<V>; // the record that is edited
  go: () => void;
  onClose: () => void;
  children?: ReactNode;
}

// Confirm says what an act does before it is done: the button carries its verb, and a refusal stands beside it.
export function Confirm<V extends Values>({title, lead, verb, weight = 'primary', act, over, go, onClose, children}: ConfirmProps<V>) {
  const t = useText(common);
  return (
    <Dialog open onClose={onClose} title={title} lead={lead} acts={<><Button onClick={onClose}>{t.cancel}</Button><Button weight={weight} busy={act.isPending} onClick={go}>{verb}</Button></>}>
      {children}
      {over ? <EditProblem act={act} {...over} /> : <ProblemNote of={act.error} />}
    </Dialog>
  );
}
