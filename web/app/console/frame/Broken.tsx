import {useRouter} from '@tanstack/react-router';
import {ProblemPanel} from '../../domain/Problem.tsx';
import {common} from '../../i18n/common.ts';
import {useText} from '../../i18n/texts.ts';
import {Away} from '../../ui/Link.tsx';
import {Panel} from '../../ui/Panel.tsx';
import css from './Frame.module.css';

// Broken stands where a page failed, or a platform that is not the person's.
export function Broken({error}: {error: unknown}) {
  const router = useRouter();
  return <div className={css['alone']}><ProblemPanel of={error} retry={() => void router.invalidate()} /></div>;
}

export function Missing() {
  const t = useText(common);
  return <div className={css['alone']}><Panel title={t.notFound} todo={t.notFoundTodo}><Away button="primary" href="/console/">{t.home}</Away></Panel></div>;
}
