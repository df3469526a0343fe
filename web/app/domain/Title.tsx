import {useEffect} from 'react';
import {useSession} from '../api/session.ts';
import {frame} from '../i18n/frame.ts';
import {useText} from '../i18n/texts.ts';

// Title names the page in the tab: what it shows, of which platform, and whether its money is real.
export function Title({of}: {of: string}) {
  const {membership} = useSession(), t = useText(frame);
  const text = `${membership.mode === 'sandbox' ? `[${t.sandbox}] ` : ''}${of} · ${membership.name}`;
  useEffect(() => { document.title = text; }, [text]);
  return null;
}
