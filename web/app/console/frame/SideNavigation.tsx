import {Link, useNavigate} from '@tanstack/react-router';
import {Ellipsis} from 'lucide-react';
import {useSession} from '../../api/session.ts';
import {common} from '../../i18n/common.ts';
import {frame} from '../../i18n/frame.ts';
import {useText} from '../../i18n/texts.ts';
import {Menu} from '../../ui/Menu.tsx';
import {shownTo, type Destination} from './navigation.ts';
import css from './Frame.module.css';

const size = 18, stroke = 1.75, tabs = 4;

function Go({page: {to, text, icon: Icon}, className}: {page: Destination; className: string | undefined}) {
  const t = useText(frame), {tenant} = useSession();
  return <Link to={to} params={{tenant}} className={className ?? ''} activeOptions={{exact: to === '/$tenant', includeSearch: false}} title={t[text]}><Icon size={size} strokeWidth={stroke} aria-hidden /><span>{t[text]}</span></Link>;
}

export function SideNavigation() {
  const t = useText(frame), {can} = useSession();
  return (
    <nav aria-label={t.navigation}>
      {shownTo(can).map((area, n) => <div key={area.name ?? n}>{area.name !== undefined && <div className={css['area']}>{t[area.name]}</div>}{area.pages.map(p => <Go key={p.to} page={p} className={css['go']} />)}</div>)}
    </nav>
  );
}

// TabNavigation stands below on a phone: the first pages, and a menu with the rest.
export function TabNavigation() {
  const t = useText(frame), c = useText(common), {can, tenant} = useSession(), navigate = useNavigate();
  const all = shownTo(can).flatMap(a => a.pages), rest = all.slice(tabs);
  return (
    <nav className={css['tabs']} aria-label={t.navigation}>
      {all.slice(0, tabs).map(p => <Go key={p.to} page={p} className={css['tab']} />)}
      {rest.length > 0 && <Menu side="top" button={<button type="button" className={css['tab']}><Ellipsis size={size} aria-hidden /><span>{c.more}</span></button>} groups={[{items: rest.map(p => ({id: p.to, text: t[p.text], go: () => void navigate({to: p.to, params: {tenant}})}))}]} />}
    </nav>
  );
}
