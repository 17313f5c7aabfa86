import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { en } from './en.js';
import { zh, type Words } from './zh.js';

/** 中文 first; the hub says everything in both. */
export type Language = 'zh' | 'en';

const WORDS: Readonly<Record<Language, Words>> = { zh, en };
const KEPT = 'hub.language';

/** Which language is spoken, with its words. */
export interface Spoken {
  readonly language: Language;
  readonly words: Words;
  readonly speak: (language: Language) => void;
}

/** The language that was chosen last on this machine. */
export function readLanguage(): Language {
  return localStorage.getItem(KEPT) === 'en' ? 'en' : 'zh';
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(KEPT, language);
}

const SpokenContext = createContext<Spoken>({ language: 'zh', words: zh, speak: () => undefined });

export const SpokenProvider = SpokenContext.Provider;

export function useSpoken(): Spoken {
  return useContext(SpokenContext);
}

export function useWords(): Words {
  return useSpoken().words;
}

export function wordsOf(language: Language): Words {
  return WORDS[language];
}

/** What the hub said in both languages, in the one that is spoken. */
export function useSaid(): (zhText: string, enText: string) => string {
  const { language } = useSpoken();
  return (zhText, enText) => (language === 'zh' ? zhText : enText || zhText);
}
