// What stands around every page of a merchant: whose it is, at which platform, and the five places to go to.
import {useQuery} from '@tanstack/react-query';
import {Outlet, useParams} from '@tanstack/react-router';
import {useEffect} from 'react';
import {getMerchant} from '../../api/queries/merchants.ts';
import {getSession, SessionContext, sessionOf} from '../../api/session.ts';
import {addressOf, isHere} from '../../domain/apps.ts';
import {Missing} from '../../domain/Broken.tsx';
import {Elsewhere} from '../../domain/Landing.tsx';
import {frame} from '../../i18n/frame.ts';
import {useText} from '../../i18n/texts.ts';
import {prefs} from '../../prefs.ts';
import {Tag} from '../../ui/Mark.tsx';
import {Tabs} from './Tabs.tsx';
import css from './Frame.module.css';

export function Frame() {
  const t = useText(frame), {tenant} = useParams({from: '/$tenant'}), {data} = useQuery(getSession(tenant)), session = data && sessionOf(data);
  const mine = session?.membership.merchant_id ?? '', merchant = useQuery({...getMerchant(tenant, mine), enabled: mine !== '' && (session?.can('getMerchant') ?? false)});
  useEffect(() => { prefs.set({tenant}); }, [tenant]);
  if (session === undefined) return <Missing />;
  if (!isHere(session.membership)) return <Elsewhere to={addressOf(session.membership)} />;
  const {membership: m} = session, name = merchant.data?.name ?? m.name, sandbox = m.mode === 'sandbox';
  return (
    <SessionContext value={session}>
      <div className={sandbox ? `${css['frame']} ${css['sandbox']}` : css['frame']}>
        <a className={css['skip']} href="#main">{t.skip}</a>
        <header className={css['top']}>
          <div className={css['inner']}>
            <div className={css['who']}>
              <span className={css['logo']} aria-hidden="true">{[...name][0]}</span>
              <span className={css['names']}><span className={css['name']}>{name}</span><span className={css['of']}>{m.name} · {t.roles[m.role]}</span></span>
              {sandbox && <Tag tone="act">{t.sandbox}</Tag>}
            </div>
            <Tabs />
          </div>
        </header>
        <main id="main" className={css['main']} tabIndex={-1}><Outlet /></main>
      </div>
    </SessionContext>
  );
}
