// The case before and the case after, as the list has them that one came from: by buttons, and by [ and ].
import {useQuery} from '@tanstack/react-query';
import {ChevronLeft, ChevronRight} from 'lucide-react';
import {useState} from 'react';
import {listCases} from '../../../api/queries/cases.ts';
import {useSession} from '../../../api/session.ts';
import type {Search} from '../../../domain/filters.ts';
import {cases} from '../../../i18n/cases.ts';
import {useText} from '../../../i18n/texts.ts';
import {Row} from '../../../ui/Layout.tsx';
import {ButtonLink} from '../../../ui/Link.tsx';
import {caseQuery} from './filters.ts';

interface Beside {before?: string | undefined; next?: string | undefined}

export function Walk({id, search}: {id: string; search: Search}) {
  const t = useText(cases), {tenant, can} = useSession(), {data} = useQuery({...listCases(tenant, caseQuery(search)), enabled: can('listCases')});
  const at = data?.data.findIndex(k => k.id === id) ?? -1, [kept, keep] = useState<Beside>({});
  const before = at < 0 ? kept.before : data?.data[at - 1]?.id, next = at < 0 ? kept.next : data?.data[at + 1]?.id;
  // A case that was closed leaves the list; what stood beside it stays where it was.
  if (at >= 0 && (kept.before !== before || kept.next !== next)) keep({before, next});
  if (before === undefined && next === undefined) return undefined;
  return (
    <nav aria-label={t.walk}>
      <Row>
        {before !== undefined && <ButtonLink to="/$tenant/cases/$case" params={{tenant, case: before}} search={search} data-beside="["><ChevronLeft size={16} aria-hidden />{t.before}</ButtonLink>}
        {next !== undefined && <ButtonLink to="/$tenant/cases/$case" params={{tenant, case: next}} search={search} data-beside="]">{t.next}<ChevronRight size={16} aria-hidden /></ButtonLink>}
      </Row>
    </nav>
  );
}
