import {useRouter} from '@tanstack/react-router';
import {ProblemPanel} from '../../domain/Problem.tsx';
import {common} from '../../i18n/common.ts';
import {useText} from '../../i18n/texts.ts';
import {Page, Text} from '../../ui/Layout.tsx';
import {Away} from '../../ui/Link.tsx';
import css from './Frame.module.css';

// Broken stands where a page failed, or a platform that is not the person's.
export function Broken({error}: {error: unknown}) {
  const router = useRouter();
  return <div className={css['alone']}><ProblemPanel of={error} retry={() => void router.invalidate()} /></div>;
}

export function Missing() {
  const t = useText(common);
  return <div className={css['alone']}><Page title={t.notFound}><Text>{t.notFoundTodo}</Text><div><Away button="primary" href="/console/">{t.home}</Away></div></Page></div>;
}
