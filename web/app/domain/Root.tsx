import {useQuery} from '@tanstack/react-query';
import {Outlet} from '@tanstack/react-router';
import {useEffect} from 'react';
import {speak} from '../api/client.ts';
import {getSession} from '../api/session.ts';
import {htmlLang, LangContext, type Lang} from '../i18n/texts.ts';
import {usePrefs} from '../prefs.ts';
import {Toasts} from '../ui/Toast.tsx';
import {Gate} from './Gate.tsx';

const browser = (): Lang => navigator.language.startsWith('zh') ? 'zh' : 'en';

// Root knows the language: as this browser was set, else as the person is, else as the browser says.
export function Root() {
  const {lang: set} = usePrefs(), {data} = useQuery(getSession());
  const lang = set ?? data?.person.language ?? browser();
  speak(lang);
  useEffect(() => { document.documentElement.lang = htmlLang(lang); }, [lang]);
  return <LangContext value={lang}><Outlet /><Gate /><Toasts /></LangContext>;
}
