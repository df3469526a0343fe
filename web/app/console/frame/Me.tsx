import {CircleUserRound} from 'lucide-react';
import {updateLanguage, leave, useSession} from '../../api/session.ts';
import {frame} from '../../i18n/frame.ts';
import {useLang, useText} from '../../i18n/texts.ts';
import {prefs, usePrefs, wear, type Prefs} from '../../prefs.ts';
import {Button} from '../../ui/Button.tsx';
import {Menu} from '../../ui/Menu.tsx';

// Me is who is signed in, and what is a matter of taste.
export function Me({onHelp}: {onHelp: () => void}) {
  const t = useText(frame), lang = useLang(), {person} = useSession(), {theme} = usePrefs();
  const dress = (to: Prefs['theme']) => { prefs.set({theme: to}); wear(to); };
  const speak = () => {
    const to = lang === 'zh' ? 'en' : 'zh';
    prefs.set({lang: to});
    updateLanguage(to).catch(() => undefined); // this browser speaks it all the same
  };
  return (
    <Menu button={<Button weight="quiet" icon aria-label={`${t.account}: ${person.email}`}><CircleUserRound size={20} strokeWidth={1.75} aria-hidden /></Button>} groups={[
      {name: person.email, items: [
        {id: 'account', text: t.account, go: () => location.assign('/account')},
        {id: 'language', text: <span lang={lang === 'zh' ? 'en' : 'zh-CN'}>{t.language}</span>, go: speak},
        {id: 'help', text: t.help, go: onHelp},
        {id: 'docs', text: t.docs, go: () => location.assign('/docs/')},
      ]},
      {name: t.theme, items: (['auto', 'light', 'dark'] as const).map(of => ({id: of, text: t[of], current: theme === of, go: () => dress(of)}))},
      {items: [{id: 'out', text: t.signOut, go: () => void leave()}]},
    ]} />
  );
}
