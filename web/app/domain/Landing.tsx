import {useQuery} from '@tanstack/react-query';
import {Navigate} from '@tanstack/react-router';
import {useEffect} from 'react';
import {getSession, tellSignedIn, type Membership} from '../api/session.ts';
import {frame} from '../i18n/frame.ts';
import {useText} from '../i18n/texts.ts';
import {prefs} from '../prefs.ts';
import {Alone, Card, Page, Row, Soft} from '../ui/Layout.tsx';
import {Lines} from '../ui/Lines.tsx';
import {Away, Link} from '../ui/Link.tsx';
import {Tag} from '../ui/Mark.tsx';
import {Panel, Wait} from '../ui/Panel.tsx';
import {addressOf, homeOf, isHere} from './apps.ts';
import {Shown} from './Problem.tsx';

// Landing leads to what was looked at last, or asks which one. Who has nothing to look at in this application is led to the other: that one has something, so
// nobody is led back.
export function Landing() {
  const t = useText(frame), session = useQuery(getSession());
  return (
    <main>
      <Alone>
        <Shown of={session}>
          {({memberships}) => {
            const here = memberships.filter(isHere), last = here.find(m => m.tenant_id === prefs.get().tenant) ?? (memberships.length === 1 ? here[0] : undefined), first = memberships[0];
            if (first === undefined) return <Panel title={t.noPlatform} todo={t.noPlatformTodo}><Away button="primary" href="/signup">{t.signUp}</Away></Panel>;
            if (last !== undefined) return <Navigate to="/$tenant" params={{tenant: last.tenant_id}} replace />;
            if (here.length === 0) return <Elsewhere to={memberships.length === 1 ? addressOf(first) : homeOf(first)} />;
            return <Page title={t.choose} count={t.chooseLead}><Card><Lines label={t.choose} of={memberships.map(m => ({id: m.member_id, what: <Row><To of={m} /><Soft small>{t.roles[m.role]}</Soft></Row>, end: <Tag tone={m.mode === 'sandbox' ? 'act' : 'good'}>{t[m.mode]}</Tag>}))} /></Card></Page>;
          }}
        </Shown>
      </Alone>
    </main>
  );
}

const To = ({of: m}: {of: Membership}) => isHere(m) ? <Link block to="/$tenant" params={{tenant: m.tenant_id}}>{m.name}</Link> : <Away href={addressOf(m)}>{m.name}</Away>;

// Elsewhere leads to a page of the other application.
export function Elsewhere({to}: {to: string}) {
  const t = useText(frame);
  useEffect(() => { location.replace(to); }, [to]);
  return <Wait label={t.switch} />;
}

// SignedIn is where the window of a sign-in over a page ends: it tells the page, and goes.
export function SignedIn() {
  const t = useText(frame);
  useEffect(() => { tellSignedIn(); window.close(); }, []);
  return <main><Alone><Panel title={t.signedIn} todo={t.signedInLead} /></Alone></main>;
}
