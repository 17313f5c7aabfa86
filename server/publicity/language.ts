/** Languages of the pages; the first is that of whoever states none. */
const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** As `lang` of HTML and `Content-Language` write them. */
export const TAGS: Readonly<Record<Language, string>> = { zh: 'zh-CN', en: 'en' };

/** A language that was asked for; undefined when it is none of ours. */
export function languageOf(text: string | null): Language | undefined {
  return LANGUAGES.find((one) => one === text);
}

/** The one of our languages that an `Accept-Language` header likes best; of equal ones the first. */
export function preferredLanguage(header: string | undefined): Language {
  const wishes = (header ?? '').split(',').map((part) => {
    const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
    const quality = parameters.find((one) => one.trim().startsWith('q='));
    return { language: range.split('-', 1)[0], q: quality ? Number(quality.trim().slice(2)) : 1 };
  });
  const likes = (language: Language): number =>
    Math.max(0, ...wishes.filter((wish) => wish.language === language).map(({ q }) => q || 0));
  return likes('en') > likes('zh') ? 'en' : 'zh';
}
