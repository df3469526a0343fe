// A list does not jump under the pointer: what is new waits until somebody wants to see it.
import {useQueryClient} from '@tanstack/react-query';
import {useEffect, useSyncExternalStore} from 'react';
import type {Operation} from '../api/client.ts';
import {news} from '../api/stream.ts';
import {common} from '../i18n/common.ts';
import {useText} from '../i18n/texts.ts';
import {Button} from '../ui/Button.tsx';
import {Note} from '../ui/Panel.tsx';

export function News({of}: {of: Operation}) {
  const t = useText(common), queries = useQueryClient(), n = useSyncExternalStore(news.subscribe, () => news.of(of));
  useEffect(() => { news.seen(of); }, [of]); // who has just opened the list sees it as it is
  if (n === 0) return null;
  const show = () => { news.seen(of); void queries.invalidateQueries({queryKey: [of]}); };
  return <Note acts={<Button onClick={show}>{t.show}</Button>}>{t.news(n)}</Note>;
}
