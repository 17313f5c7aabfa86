import { html, type Content, type Html } from './html.js';
import { TAGS } from './language.js';
import type { Reader } from './reader.js';
import { ICON, STYLE } from './static-files.js';

/** What a page says of itself. */
export interface Frame {
  /** Address of the page without its language, for the link to the other one. */
  readonly path: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly title: string;
  /** The node whose page it is. */
  readonly node: string;
}

/** A page around its content: landmarks, a way past them, the switch of the language. */
export function renderPage(frame: Frame, reader: Reader, content: Content): string {
  const { words, language } = reader;
  const title = frame.title === words.site ? words.site : `${frame.title} · ${words.site}`;
  return html`<!doctype html>
    <html lang="${TAGS[language]}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="${STYLE.path}" />
        <link rel="icon" href="${ICON.path}" type="image/svg+xml" />
      </head>
      <body>
        <a class="skip" href="#content">${words.skip}</a>
        ${header(frame, reader)}
        <main id="content" tabindex="-1">${content}</main>
        <footer>
          <p>${words.publishedBy}: ${reader.show(reader.names.node(frame.node))}</p>
          <p>${words.responsibility}</p>
        </footer>
      </body>
    </html>`.toString();
}

function header({ path, parameters = {} }: Frame, reader: Reader): Html {
  const { words, language } = reader;
  const other = language === 'zh' ? TAGS.en : TAGS.zh;
  return html`
    <header>
      <a class="site" href="${reader.link('/')}">${words.site}</a>
      <a
        class="language"
        href="${reader.inOtherLanguage(path, parameters)}"
        lang="${other}"
        hreflang="${other}"
        >${words.otherLanguage}</a
      >
    </header>
  `;
}
