import type {UseQueryResult} from '@tanstack/react-query';
import {use, type ReactNode} from 'react';
import {asProblem} from '../api/problem.ts';
import {SessionContext} from '../api/session.ts';
import {codes} from '../i18n/codes.ts';
import {common} from '../i18n/common.ts';
import {useLang, useText} from '../i18n/texts.ts';
import {Button} from '../ui/Button.tsx';
import {Row, Soft} from '../ui/Layout.tsx';
import {Away, Link} from '../ui/Link.tsx';
import {Note, Panel, Wait} from '../ui/Panel.tsx';
import {CopyButton} from './Id.tsx';
import {wordsOf} from './problems.ts';
import {placeOf} from './where.ts';

function RequestId({id}: {id: string}) {
  const t = useText(common);
  const session = use(SessionContext), place = session?.can('getRequest') ? placeOf(session.tenant, id) : undefined; // only the console has such a page, and only there somebody may read it
  if (id === '') return null;
  return <Row><Soft small>{t.requestId} {place === undefined ? id : <Link to={place.to as never} params={place.params as never}>{id}</Link>}</Soft><CopyButton what={id} label={t.requestId} /></Row>;
}

// ProblemPanel stands where content should be: what happened, what to do now, and a button for it.
export function ProblemPanel({of, retry}: {of: unknown; retry?: () => void}) {
  const t = useText(common), c = useText(codes), lang = useLang(), problem = asProblem(of), words = wordsOf(problem, c);
  return (
    <Panel title={words.title} todo={words.todo === '' ? undefined : words.todo}>
      {words.detail !== '' && <Soft small><span lang="en">{lang === 'en' || problem.code === 'broken' ? words.detail : ''}</span></Soft>}
      <RequestId id={problem.requestId} />
      {problem.code === 'second_factor_required' ? <Away button="primary" href="/account">{c.toAccount}</Away> : retry && <Button onClick={retry}>{t.retry}</Button>}
    </Panel>
  );
}

// ProblemNote stands beside the button that was refused.
export function ProblemNote({of}: {of: unknown}) {
  const c = useText(codes);
  if (of === null || of === undefined) return null;
  const problem = asProblem(of), words = wordsOf(problem, c);
  return <Note tone="bad">{words.title}{words.todo !== '' && ` · ${words.todo}`}<RequestId id={problem.requestId} /></Note>;
}

// Shown is what a query answered: old content stays while new is read, and when reading fails.
export function Shown<T>({of, children}: {of: UseQueryResult<T, Error>; children: (data: NonNullable<T>) => ReactNode}) {
  const t = useText(common);
  if (of.data !== undefined && of.data !== null) {
    return <>{of.isError && <ProblemNote of={of.error} />}{children(of.data)}</>;
  }
  return of.isError ? <ProblemPanel of={of.error} retry={() => void of.refetch()} /> : <Wait label={t.loading} />;
}
