import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../domain/errors.js';

/** A page that was made, or the address of the one to go to. */
export type Page = HtmlPage | Redirection;

/** A document as it is sent. */
export interface HtmlPage {
  readonly body: Buffer;
  /** Strong entity tag, with its quotes. */
  readonly etag: string;
}

/** 303 See Other. */
export interface Redirection {
  readonly location: string;
}

/** Seconds for which a page is kept here, and as long again by a browser: publicity ends soon after it ended. */
export const PAGE_SECONDS = 10;
/** Bytes of all pages that are kept. */
export const PAGE_CACHE_BYTES = 32 * 1024 * 1024;
/** Pages in work at the same time; those past their share of the connections wait for their turn. */
export const PAGES_IN_WORK = 16;

/** A document with its tag. */
export function htmlPage(document: string): HtmlPage {
  const body = Buffer.from(document, 'utf8');
  const digest = createHash('sha256').update(body).digest('base64url');
  return { body, etag: `"${digest}"` };
}

/** Pages made a moment ago. What several readers ask for at once is made once; failures are not kept. */
export class PageCache {
  readonly #pages = new LRUCache<string, Page, () => Promise<Page>>({
    maxSize: PAGE_CACHE_BYTES,
    sizeCalculation: (page) => ('body' in page ? page.body.length : page.location.length),
    ttl: PAGE_SECONDS * 1000,
    fetchMethod: (_key, _stale, { context: make }) => this.#make(make),
  });
  #inWork = 0;

  /** The page of a key, made when it is not kept. Throws what making it throws; UNAVAILABLE when too many are in work. */
  async get(key: string, make: () => Promise<Page>): Promise<Page> {
    return this.#pages.forceFetch(key, { context: make });
  }

  async #make(make: () => Promise<Page>): Promise<Page> {
    if (this.#inWork >= PAGES_IN_WORK) throw tooManyInWork();
    this.#inWork += 1;
    try {
      return await make();
    } finally {
      this.#inWork -= 1;
    }
  }
}

function tooManyInWork(): HubError {
  const text = {
    zh: '正在处理的查询过多,请稍候再试。',
    en: 'Too many searches at the moment; please try again shortly.',
  };
  return new HubError(ErrorReason.UNAVAILABLE, text, { retryAfterMs: 2_000 });
}
