// How a request to the API was answered, and who asked.
import {useSession} from '../api/session.ts';
import {operations} from '../i18n/operations.ts';
import {requests} from '../i18n/requests.ts';
import {useText, type Lang} from '../i18n/texts.ts';
import {Soft} from '../ui/Layout.tsx';
import {Link} from '../ui/Link.tsx';
import {Mark, type Look} from '../ui/Mark.tsx';

const names = new Map(operations.map(([id, , , zh, en]) => [id, {zh, en}]));
export const operationName = (id: string, lang: Lang): string => names.get(id)?.[lang] ?? id;

const look = (status: number): Look => status < 400 ? ['good', 'check'] : status < 500 ? ['act', 'triangle'] : ['risk', 'cross'];

export const Answered = ({status}: {status: number}) => <Mark look={look(status)}>{status}</Mark>;

export function Asker({id}: {id: string}) {
  const t = useText(requests), {tenant, can} = useSession(), key = id.startsWith('key_'), end = <>{key ? t.key : t.member} <Soft small>{'…' + id.slice(-8)}</Soft></>;
  if (key && can('getAPIKey')) return <Link block to="/$tenant/keys/$key" params={{tenant, key: id}}>{end}</Link>;
  return !key && can('getMember') ? <Link block to="/$tenant/members/$member" params={{tenant, member: id}}>{end}</Link> : <span title={id}>{end}</span>;
}
