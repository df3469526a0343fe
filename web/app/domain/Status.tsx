import {statusWords, type Enums} from '../i18n/status.ts';
import {useText} from '../i18n/texts.ts';
import {Mark} from '../ui/Mark.tsx';
import {looks} from './status.ts';

export function Status<K extends keyof Enums>({of, is}: {of: K; is: Enums[K]}) {
  const words = useText(statusWords);
  // A server that is newer than this page may have a status more.
  return <Mark look={looks[of][is] ?? ['over', 'dash']}>{words[of][is] ?? is}</Mark>;
}
