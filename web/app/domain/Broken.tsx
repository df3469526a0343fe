import {useRouter} from '@tanstack/react-router';
import {common} from '../i18n/common.ts';
import {useText} from '../i18n/texts.ts';
import {Alone, Page, Text} from '../ui/Layout.tsx';
import {Away} from '../ui/Link.tsx';
import {base} from './apps.ts';
import {ProblemPanel} from './Problem.tsx';

// Broken stands where a page failed, or a platform that is not the person's.
export function Broken({error}: {error: unknown}) {
  const router = useRouter();
  return <Alone><ProblemPanel of={error} retry={() => void router.invalidate()} /></Alone>;
}

export function Missing() {
  const t = useText(common);
  return <Alone><Page title={t.notFound}><Text>{t.notFoundTodo}</Text><div><Away button="primary" href={base}>{t.home}</Away></div></Page></Alone>;
}
