// Language and appearance, where they are no menu.
import {frame} from '../i18n/frame.ts';
import {useLang, useText} from '../i18n/texts.ts';
import {prefs, usePrefs, wear, type Prefs} from '../prefs.ts';
import {Button} from '../ui/Button.tsx';
import {Row} from '../ui/Layout.tsx';
import {Choice} from '../ui/Tabs.tsx';

export function Taste({save}: {save: (language: 'zh' | 'en') => Promise<unknown>}) {
  const t = useText(frame), lang = useLang(), {theme} = usePrefs();
  const dress = (to: Prefs['theme']) => { prefs.set({theme: to}); wear(to); };
  const speak = () => {
    const to = lang === 'zh' ? 'en' : 'zh';
    prefs.set({lang: to});
    save(to).catch(() => undefined); // this browser speaks it all the same
  };
  return (
    <Row between>
      <Choice label={t.theme} of={(['auto', 'light', 'dark'] as const).map(of => [of, t[of]] as const)} chosen={theme} onChoose={dress} />
      <Button onClick={speak}><span lang={lang === 'zh' ? 'en' : 'zh-CN'}>{t.language}</span></Button>
    </Row>
  );
}
