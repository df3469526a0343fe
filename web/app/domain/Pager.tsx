// Lists go by keys and not by numbers: there is a next page, and the way back that somebody came.
import {common} from '../i18n/common.ts';
import {useText} from '../i18n/texts.ts';
import {Button} from '../ui/Button.tsx';
import {ListFoot} from '../ui/DataList.tsx';

// before knows from which page each page was reached, in this tab.
const before = new Map<string, string>();

export function Pager({cursor, next, onGo}: {cursor: string | undefined; next: string | undefined; onGo: (cursor: string | undefined) => void}) {
  const t = useText(common);
  if (cursor === undefined && next === undefined) return null;
  const forward = (to: string) => { before.set(to, cursor ?? ''); scrollTo(0, 0); onGo(to); };
  const known = cursor === undefined ? undefined : before.get(cursor);
  return (
    <ListFoot>
      {cursor !== undefined && <Button onClick={() => onGo(known === undefined || known === '' ? undefined : known)}>{known === undefined ? t.first : t.previous}</Button>}
      {next !== undefined && <Button onClick={() => forward(next)}>{t.next}</Button>}
    </ListFoot>
  );
}
