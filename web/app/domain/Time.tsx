import {common} from '../i18n/common.ts';
import {useText} from '../i18n/texts.ts';
import {ago, moment, now, whole} from './time.ts';

// Time is a moment in the platform's zone; the whole of it is in its tip.
export function Time({at}: {at: string}) {
  const t = useText(common);
  return <time dateTime={at} title={`${whole(at)} ${t.zone} (UTC+8)`}>{moment(at, now())}</time>;
}

// Waited is how long something has been waiting.
export function Waited({since}: {since: string}) {
  const t = useText(common), {n, unit} = ago(since, now());
  return <time dateTime={since} title={`${whole(since)} ${t.zone} (UTC+8)`}>{t.waited(t[unit](n))}</time>;
}
