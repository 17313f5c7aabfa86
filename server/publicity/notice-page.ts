import { html } from './html.js';
import { renderPage } from './layout.js';
import type { Reader } from './reader.js';
import type { NoticeName } from './words.js';

/** What a notice may tell besides its text. */
export interface NoticeDetails {
  /** Seconds after which trying again makes sense. Unset: it does not. */
  readonly retrySeconds?: number;
  /** A sentence of the node itself, such as one with the number of an incident. */
  readonly remark?: string;
}

/** A page that says why there is nothing to see, and where to go on. */
export function noticePage(
  name: NoticeName,
  { retrySeconds, remark }: NoticeDetails,
  node: string,
  reader: Reader,
): string {
  const { words } = reader;
  const { title, text } = words.notice[name];
  return renderPage({ path: '/', title, node }, reader, [
    html`<h1>${title}</h1>`,
    html`<p>${remark ?? text}</p>`,
    retrySeconds !== undefined && html`<p>${words.wait(retrySeconds)}</p>`,
    html`<p><a href="${reader.link('/')}">${words.home}</a></p>`,
  ]);
}
