// What stands around every page of a platform: where one is, what there is to go to, search, and who one is.
import {useQuery, useQueryClient} from '@tanstack/react-query';
import {Outlet, useParams} from '@tanstack/react-router';
import {lazy, Suspense, useCallback, useEffect, useState, useSyncExternalStore} from 'react';
import {getSession, SessionContext, sessionOf} from '../../api/session.ts';
import {follow} from '../../api/stream.ts';
import {addressOf, isHere} from '../../domain/apps.ts';
import {Missing} from '../../domain/Broken.tsx';
import {drawer} from '../../domain/drawer.ts';
import {Elsewhere} from '../../domain/Landing.tsx';
import {frame} from '../../i18n/frame.ts';
import {useText} from '../../i18n/texts.ts';
import {prefs} from '../../prefs.ts';
import {useKeys} from './keys.ts';
import {Me} from './Me.tsx';
import {SearchButton} from './SearchButton.tsx';
import {SideNavigation, TabNavigation} from './SideNavigation.tsx';
import {Switcher} from './Switcher.tsx';
import css from './Frame.module.css';

const Search = lazy(() => import('./Search.tsx').then(m => ({default: m.Search})));
const SandboxDrawer = lazy(() => import('./SandboxDrawer.tsx').then(m => ({default: m.SandboxDrawer})));
const Help = lazy(() => import('./Help.tsx').then(m => ({default: m.Help})));

export function Frame() {
  const t = useText(frame), {tenant} = useParams({from: '/$tenant'}), queries = useQueryClient();
  const {data} = useQuery(getSession(tenant));
  const [searching, setSearching] = useState(false), [helping, setHelping] = useState(false);
  const playing = useSyncExternalStore(drawer.subscribe, drawer.is), play = () => drawer.set(!drawer.is());
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
  const sandboxed = session.membership.mode === 'sandbox', plays = session.can('getSandbox');
  return (
    <SessionContext value={session}>
      <div className={[css['frame'], sandboxed ? css['sandbox'] : '', playing && sandboxed && plays ? css['beside'] : ''].join(' ')}>
        <a className={css['skip']} href="#main">{t.skip}</a>
        <div className={css['side']}><Switcher /><SideNavigation /></div>
        <header className={css['top']}>
          <Switcher />
          <SearchButton onOpen={search} />
          <div className={css['spring']} />
          {sandboxed && (plays ? <button type="button" className={css['play']} aria-expanded={playing} title={t.play} onClick={play}>{t.sandbox}</button> : <span className={css['play']}>{t.sandbox}</span>)}
          <Me onHelp={help} />
        </header>
        <main id="main" className={css['main']} tabIndex={-1}><Outlet /></main>
        <TabNavigation />
      </div>
      <Suspense>
        {searching && <Search onClose={() => setSearching(false)} />}
        {playing && sandboxed && plays && <SandboxDrawer onClose={() => drawer.set(false)} />}
        {helping && <Help onClose={() => setHelping(false)} />}
      </Suspense>
    </SessionContext>
  );
}
