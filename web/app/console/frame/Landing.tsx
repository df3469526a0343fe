import {useQuery} from '@tanstack/react-query';
import {Navigate} from '@tanstack/react-router';
import {useEffect} from 'react';
import {getSession, isOperator, tellSignedIn} from '../../api/session.ts';
import {Shown} from '../../domain/Problem.tsx';
import {frame} from '../../i18n/frame.ts';
import {useText} from '../../i18n/texts.ts';
import {prefs} from '../../prefs.ts';
import {Card, Page} from '../../ui/Layout.tsx';
import {Lines} from '../../ui/Lines.tsx';
import {Away, Link} from '../../ui/Link.tsx';
import {Tag} from '../../ui/Mark.tsx';
import {Panel} from '../../ui/Panel.tsx';
import css from './Frame.module.css';

// Landing leads to the platform that was looked at last, or asks which one.
export function Landing() {
  const t = useText(frame), session = useQuery(getSession());
  return (
    <main className={css['alone']}>
      <Shown of={session}>
        {({memberships}) => {
          const own = memberships.filter(isOperator), last = own.find(m => m.tenant_id === prefs.get().tenant) ?? (own.length === 1 ? own[0] : undefined);
          if (last !== undefined) return <Navigate to="/$tenant" params={{tenant: last.tenant_id}} replace />;
          if (own.length === 0) {
            return memberships.length > 0
              ? <Panel title={t.noConsole} todo={t.noConsoleTodo}><Away button="primary" href="/account">{t.account}</Away></Panel>
              : <Panel title={t.noPlatform} todo={t.noPlatformTodo}><Away button="primary" href="/signup">{t.signUp}</Away></Panel>;
          }
          return (
            <Page title={t.choose} count={t.chooseLead}>
              <Card><Lines label={t.choose} of={own.map(m => ({id: m.tenant_id, what: <Link block to="/$tenant" params={{tenant: m.tenant_id}}>{m.name}</Link>, end: <Tag tone={m.mode === 'sandbox' ? 'act' : 'good'}>{t[m.mode]}</Tag>}))} /></Card>
            </Page>
          );
        }}
      </Shown>
    </main>
  );
}

// SignedIn is where the window of a sign-in over a page ends: it tells the page, and goes.
export function SignedIn() {
  const t = useText(frame);
  useEffect(() => { tellSignedIn(); window.close(); }, []);
  return <main className={css['alone']}><Panel title={t.signedIn} todo={t.signedInLead} /></main>;
}
