// Who works on a case, and what they write down about it.
import {useQuery} from '@tanstack/react-query';
import {useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {addCaseNote, assignCase, listCaseAssignees, type Case} from '../../../api/queries/cases.ts';
import {useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {Time} from '../../../domain/Time.tsx';
import {cases} from '../../../i18n/cases.ts';
import {codes} from '../../../i18n/codes.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {LongField, SelectField} from '../../../ui/Field.tsx';
import {Card, Row, Soft, Stack, Text} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {called} from './names.ts';

const touches = ['getCase', 'listCases'] as const, noteMax = 2000;

function useAssign(k: Case, done?: () => void) {
  const t = useText(cases), {tenant} = useSession();
  return useAct({name: (to: string) => `assignCase:${k.id}:${to}`, run: to => assignCase(tenant, k.id, to || undefined), touches, done: (_, to) => { toast(to === '' ? t.unassigned : t.assigned); done?.(); }});
}

// AssignMe is for who wants to take a case that is not theirs.
export function AssignMe({of: k}: {of: Case}) {
  const t = useText(cases), {membership} = useSession(), act = useAssign(k);
  if (k.assignee?.id === membership.member_id) return undefined;
  return <Button busy={act.isPending} onClick={() => act.mutate(membership.member_id)}>{t.assignMe}</Button>;
}

export function AssignDialog({of: k, onClose}: {of: Case; onClose: () => void}) {
  const t = useText(cases), {tenant} = useSession(), {data} = useQuery(listCaseAssignees(tenant)), [to, setTo] = useState(k.assignee?.id ?? ''), act = useAssign(k, onClose);
  return (
    <Confirm title={t.assign} lead={t.assignLead} verb={t.assign} act={act} go={() => act.mutate(to)} onClose={onClose}>
      <SelectField label={t.assignee} value={to} onChange={e => setTo(e.target.value)} of={[['', t.nobody], ...(data?.data ?? []).map(p => [p.id, called(p.name, p.id)] as const)]} />
    </Confirm>
  );
}

export function Notes({of: k}: {of: Case}) {
  const t = useText(cases), c = useText(codes), {tenant, can} = useSession(), [text, setText] = useState(''), [checked, setChecked] = useState(false), notes = k.notes ?? [];
  const act = useAct({name: () => `addCaseNote:${k.id}:${text}`, run: (_: void, key) => addCaseNote(tenant, k.id, text.trim(), key), touches: ['getCase'], done: () => { toast(t.noted); setText(''); setChecked(false); }});
  const send = () => { setChecked(true); if (text.trim() !== '') act.mutate(); };
  return (
    <Card>
      <h2>{t.notes}</h2>
      {notes.length === 0 ? <Soft>{t.noNotes}</Soft> : <Lines label={t.notes} of={notes.map(n => ({
        id: n.id, what: <Stack tight>{n.text.split('\n').map((line, i) => <Text key={i}>{line}</Text>)}<Soft small>{n.by_kind === 'api_key' ? t.key : called(n.by_name, n.by)} · <Time at={n.created_at} /></Soft></Stack>,
      }))} />}
      {can('addCaseNote') && <Stack tight>
        <LongField label={t.noteText} help={t.noteAdvice} value={text} maxLength={noteMax} wrong={checked && text.trim() === '' ? c.fields['required'] : undefined} onChange={e => setText(e.target.value)} />
        <Row><Button busy={act.isPending} onClick={send}>{t.addNote}</Button></Row>
        <ProblemNote of={act.error} />
      </Stack>}
    </Card>
  );
}
