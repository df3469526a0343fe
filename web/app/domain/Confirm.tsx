import type {ReactNode} from 'react';
import {common} from '../i18n/common.ts';
import {useText} from '../i18n/texts.ts';
import {Button, type Weight} from '../ui/Button.tsx';
import {Dialog} from '../ui/Dialog.tsx';
import {ProblemNote} from './Problem.tsx';

interface ConfirmProps {
  title: string;
  lead?: string;
  verb: string;
  weight?: Weight;
  act: {isPending: boolean; error: unknown};
  go: () => void;
  onClose: () => void;
  children?: ReactNode;
}

// Confirm says what an act does before it is done: the button carries its verb, and a refusal stands beside it.
export function Confirm({title, lead, verb, weight = 'primary', act, go, onClose, children}: ConfirmProps) {
  const t = useText(common);
  return (
    <Dialog open onClose={onClose} title={title} lead={lead} acts={<><Button onClick={onClose}>{t.cancel}</Button><Button weight={weight} busy={act.isPending} onClick={go}>{verb}</Button></>}>
      {children}
      <ProblemNote of={act.error} />
    </Dialog>
  );
}
