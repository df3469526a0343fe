// The texts of each area are two objects of one type: a text that is missing in one language does not compile. Both travel with the page that shows them.
import {createContext, use} from 'react';

export type Lang = 'zh' | 'en';
export type Pair<T> = Record<Lang, T>;

export const LangContext = createContext<Lang>('zh');
export const useLang = (): Lang => use(LangContext);
export const useText = <T>(of: Pair<T>): T => of[use(LangContext)];

export const htmlLang = (lang: Lang): string => lang === 'zh' ? 'zh-CN' : 'en';

// plural picks the English form.
export const plural = (n: number, one: string, many: string): string => `${grouped(n)} ${n === 1 ? one : many}`;

export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
