import {Link} from '@tanstack/react-router';
import {CircleUserRound, House, Package, ReceiptText, WalletMinimal, type LucideIcon} from 'lucide-react';
import type {Operation} from '../../api/client.ts';
import {useSession} from '../../api/session.ts';
import {frame} from '../../i18n/frame.ts';
import {portal} from '../../i18n/portal.ts';
import {useText} from '../../i18n/texts.ts';
import css from './Frame.module.css';

interface Tab {to: '/$tenant' | '/$tenant/orders' | '/$tenant/goods' | '/$tenant/money' | '/$tenant/me'; text: 'home' | 'orders' | 'goods' | 'money' | 'me'; icon: LucideIcon; reads: Operation}

// A tab is there if the role may read what it shows.
const tabs: readonly Tab[] = [
  {to: '/$tenant', text: 'home', icon: House, reads: 'getMerchantOverview'},
  {to: '/$tenant/orders', text: 'orders', icon: ReceiptText, reads: 'listOrders'},
  {to: '/$tenant/goods', text: 'goods', icon: Package, reads: 'listProducts'},
  {to: '/$tenant/money', text: 'money', icon: WalletMinimal, reads: 'listMerchantSplits'},
  {to: '/$tenant/me', text: 'me', icon: CircleUserRound, reads: 'getMerchant'},
];

const size = 20, stroke = 1.75;

export function Tabs() {
  const t = useText(portal), f = useText(frame), {tenant, can} = useSession();
  return (
    <nav className={css['tabs']} aria-label={f.navigation}>
      {tabs.filter(tab => can(tab.reads)).map(({to, text, icon: Icon}) => <Link key={to} to={to} params={{tenant}} className={css['tab'] ?? ''} activeOptions={{exact: to === '/$tenant', includeSearch: false}}><Icon size={size} strokeWidth={stroke} aria-hidden /><span>{t[text]}</span></Link>)}
    </nav>
  );
}
