// What stands around every page of a platform: where one is, what there is to go to, search, and who one is.
import {useQuery, useQueryClient} from '@tanstack/react-query';
import {Outlet, useParams} from '@tanstack/react-router';
import {lazy, Suspense, useCallback, useEffect, useState} from 'react';
import {getSession, SessionContext, sessionOf} from '../../api/session.ts';
import {follow} from '../../api/stream.ts';
import {addressOf, isHere} from '../../domain/apps.ts';
import {Missing} from '../../domain/Broken.tsx';
import {Elsewhere} from '../../domain/Landing.tsx';
import {frame} from '../../i18n/frame.ts';
import {useText} from '../../i18n/texts.ts';
import {prefs} from '../../prefs.ts';
import {Tag} from '../../ui/Mark.tsx';
import {useKeys} from './keys.ts';
import {Me} from './Me.tsx';
import {SearchButton} from './SearchButton.tsx';
import {SideNavigation, TabNavigation} from './SideNavigation.tsx';
import {Switcher} from './Switcher.tsx';
import css from './Frame.module.css';

const Search = lazy(() => import('./Search.tsx').then(m => ({default: m.Search})));
const Help = lazy(() => import('./Help.tsx').then(m => ({default: m.Help})));

export function Frame() {
  const t = useText(frame), {tenant} = useParams({from: '/$tenant'}), queries = useQueryClient();
  const {data} = useQuery(getSession(tenant));
  const [searching, setSearching] = useState(false), [helping, setHelping] = useState(false);
  const session = data && sessionOf(data), follows = session !== undefined && isHere(session.membership) && session.can('streamEvents');
  const search = useCallback(() => setSearching(true), []), help = useCallback(() => setHelping(true), []);
  useKeys(search, help);
  useEffect(() => { prefs.set({tenant}); }, [tenant]);
  useEffect(() => {
    if (!follows) return undefined;
    const over = new AbortController();
    void follow(tenant, queries, over.signal);
    return () => over.abort();
  }, [follows, tenant, queries]);
  if (session === undefined) return <Missing />;
  if (!isHere(session.membership)) return <Elsewhere to={addressOf(session.membership)} />;
  return (
    <SessionContext value={session}>
      <div className={session.membership.mode === 'sandbox' ? `${css['frame']} ${css['sandbox']}` : css['frame']}>
        <a className={css['skip']} href="#main">{t.skip}</a>
        <div className={css['side']}><Switcher /><SideNavigation /></div>
        <header className={css['top']}>
          <Switcher />
          <SearchButton onOpen={search} />
          <div className={css['spring']} />
          {session.membership.mode === 'sandbox' && <span className={css['word']}><Tag tone="act">{t.sandbox}</Tag></span>}
          <Me onHelp={help} />
        </header>
        <main id="main" className={css['main']} tabIndex={-1}><Outlet /></main>
        <TabNavigation />
      </div>
      <Suspense>
        {searching && <Search onClose={() => setSearching(false)} />}
        {helping && <Help onClose={() => setHelping(false)} />}
      </Suspense>
    </SessionContext>
  );
}
