import {useQuery} from '@tanstack/react-query';
import {listStock} from '../../../api/queries/catalog.ts';
import {useSession} from '../../../api/session.ts';
import {lowStock} from '../../../domain/stock.ts';
import {portal} from '../../../i18n/portal.ts';
import {useText} from '../../../i18n/texts.ts';
import {Soft, Strong} from '../../../ui/Layout.tsx';
import {ButtonLink} from '../../../ui/Link.tsx';
import {Note} from '../../../ui/Panel.tsx';

const named = 3, most = 100;

// LowStock says which goods are nearly sold out, the emptiest first; nothing while there is enough of each.
export function LowStock() {
  const t = useText(portal), {tenant, can} = useSession(), {data} = useQuery(listStock(tenant, {status: 'active', limit: most}));
  const low = (data?.data ?? []).filter(s => s.available < lowStock).toSorted((a, b) => a.available - b.available);
  if (low.length === 0) return null;
  return <Note tone="warn" acts={<ButtonLink to="/$tenant/goods" params={{tenant}}>{can('importCardKeys') ? t.restock : t.look}</ButtonLink>}><Strong>{t.lowStock(low.length)}</Strong><br /><Soft small>{low.slice(0, named).map(s => t.left(s.product_name, s.available)).join(' · ')}</Soft></Note>;
}
