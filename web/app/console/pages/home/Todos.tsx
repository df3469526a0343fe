import type {Todo} from '../../../api/queries/overview.ts';
import {useSession} from '../../../api/session.ts';
import {Waited} from '../../../domain/Time.tsx';
import {placeOf} from '../../../domain/where.ts';
import {home} from '../../../i18n/home.ts';
import {grouped, useText} from '../../../i18n/texts.ts';
import {Card, Row, Soft, Strong} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {ButtonLink} from '../../../ui/Link.tsx';
import {Mark} from '../../../ui/Mark.tsx';

// Todos are what waits for somebody: one line of each kind, with a button. On a good day there is none, and it says so.
export function Todos({of}: {of: readonly Todo[]}) {
  const t = useText(home);
  return (
    <Card>
      <h2>{t.todos}</h2>
      {of.length === 0 ? <><Strong>{t.calm}</Strong><Soft>{t.calmTodo}</Soft></> : (
        <Lines label={t.todos} of={of.map(todo => ({
          id: todo.kind + (todo.case_kind ?? ''),
          what: <Row><Mark look={[todo.kind === 'case' || todo.kind === 'split_refused' || todo.kind === 'freeze_ending' ? 'risk' : 'act', 'triangle']}>{grouped(todo.count)} · {todo.case_kind === undefined ? t.kinds[todo.kind] ?? todo.kind : t.cases[todo.case_kind] ?? todo.case_kind}</Mark>{todo.oldest_at !== undefined && <Soft small><Waited since={todo.oldest_at} /></Soft>}</Row>,
          end: <ToTodo of={todo} />,
        }))} />
      )}
    </Card>
  );
}

// ToTodo leads to what waits, where it has a page.
function ToTodo({of}: {of: Todo}) {
  const t = useText(home), {tenant} = useSession(), first = of.subject_ids[0], place = first === undefined ? undefined : placeOf(tenant, first);
  if (of.kind === 'approval_waiting') return <ButtonLink to="/$tenant/approvals" params={{tenant}} search={{status: 'waiting'}}>{t.look}</ButtonLink>;
  return place && <ButtonLink {...place as {to: '/$tenant/orders/$order'; params: {tenant: string; order: string}}}>{t.look}</ButtonLink>;
}
