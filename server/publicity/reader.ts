import { timestampDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import { civilDateIn } from '../domain/identifiers/civil-date.js';
import { TAGS, type Language } from './language.js';
import { html, type Content } from './html.js';
import { Names, type Name, type NameSources } from './names.js';
import { WORDS, type Words } from './words.js';

/** Whoever reads a page: the language, its texts, and links that stay in it. */
export class Reader {
  readonly words: Words;
  readonly names: Names;

  /** `chosen`: the language was asked for by the address, so that links must keep it. */
  constructor(
    readonly language: Language,
    private readonly chosen: boolean,
    sources: NameSources,
  ) {
    this.words = WORDS[language];
    this.names = new Names(sources, language);
  }

  /** An address of ours with its parameters; those that are empty are left out. */
  link(path: string, parameters: Readonly<Record<string, string>> = {}): string {
    return address(path, this.chosen ? { ...parameters, lang: this.language } : parameters);
  }

  /** The parameter that forms must send along; undefined when there is none. */
  get keptLanguage(): Language | undefined {
    return this.chosen ? this.language : undefined;
  }

  /** The same address in the other language. */
  inOtherLanguage(path: string, parameters: Readonly<Record<string, string>>): string {
    return address(path, { ...parameters, lang: this.language === 'zh' ? 'en' : 'zh' });
  }

  /** A name, marked where it is not in the language of the page. */
  show({ text, language }: Name): Content {
    return language === this.language ? text : html`<span lang="${TAGS[language]}">${text}</span>`;
  }

  /** Civil date in China; empty when unset. */
  dayOf(time: Timestamp | undefined): string {
    return time ? civilDateIn(timestampDate(time).getTime()) : '';
  }
}

function address(path: string, parameters: Readonly<Record<string, string>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  const query = new URLSearchParams(given).toString();
  return query === '' ? path : `${path}?${query}`;
}

/** What the data say, in the language in which they say it. */
export function chinese(text: string): Name {
  return { text, language: 'zh' };
}
