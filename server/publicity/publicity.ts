import type { IncomingMessage, ServerResponse } from 'node:http';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Identify } from '../access/identity.js';
import { CallerRate } from '../doors/caller-rate.js';
import { callerOf } from '../doors/credentials.js';
import { retryAfterMsOf, toHubError, type LogDefect } from '../doors/errors.js';
import type { Pages } from '../doors/pages.js';
import { networkOf } from '../doors/peer-network.js';
import type { HubError } from '../domain/errors.js';
import { sendFile, sendNotice, sendPage } from './answers.js';
import { languageOf, preferredLanguage } from './language.js';
import type { NameSources } from './names.js';
import { noticePage, type NoticeDetails } from './notice-page.js';
import { PageCache } from './page-cache.js';
import { makePage, type PageMakerParts } from './page-maker.js';
import { Reader } from './reader.js';
import { routeOf, type Route } from './routes.js';
import { searchPage } from './search-page.js';
import { STATIC_FILES } from './static-files.js';
import { letsIn } from './visitor.js';
import type { NoticeName } from './words.js';

/** What the publicity pages need. */
export interface PublicityParts extends PageMakerParts {
  readonly names: NameSources;
  /** Tells who calls, of which only matters whether a caller that shows nothing is let in. */
  readonly identify: Identify;
  /** Pages that one address (IPv6: one /64 network) may ask for in a minute. */
  readonly perMinute: number;
  /** Told of each page. */
  readonly views: PageObserver;
  /** Writes defects to the log. */
  readonly log: LogDefect;
}

/** Who is told of pages. */
export interface PageObserver {
  /**
   * A page was answered, as far as the node is concerned: its kind (`search`, `enterprise`, or `none` for
   * an address that has no page) and the HTTP status; never what was asked for.
   */
  viewed(page: Route['page'], status: number, seconds: number): void;
}

/** A request as far as it is understood. */
interface Visit {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly route: Route;
  readonly reader: Reader;
}

/**
 * 公示页 (R17, R38, R41): what the public may see, for whoever has a browser. It answers every
 * address that a browser asks for, with a page that says so where there is nothing; other programs
 * are left to the other pages.
 */
export function createPublicity(parts: PublicityParts): Pages {
  const rate = new CallerRate({ most: parts.perMinute, seconds: 60 });
  const cache = new PageCache();
  return ({ method, url = '/', headers }) => {
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    const [path = '', query = ''] = url.split('?', 2);
    const file = STATIC_FILES.get(path);
    if (file) return (req, res) => sendFile(req, res, file);
    if (!headers.accept?.includes('text/html')) return undefined;
    return (req, res) => {
      const parameters = new URLSearchParams(query);
      const chosen = languageOf(parameters.get('lang'));
      const language = chosen ?? preferredLanguage(headers['accept-language']);
      const reader = new Reader(language, chosen !== undefined, parts.names);
      const route = routeOf(path, parameters);
      const startedAt = performance.now();
      res.once('finish', () => {
        parts.views.viewed(route.page, res.statusCode, (performance.now() - startedAt) / 1000);
      });
      void answer({ req, res, route, reader }, parts, rate, cache);
    };
  };
}

async function answer(
  visit: Visit,
  parts: PublicityParts,
  rate: CallerRate,
  cache: PageCache,
): Promise<void> {
  const { req, res, route, reader } = visit;
  try {
    const waitMs = await rate.count(networkOf(req.socket.remoteAddress ?? 'unknown'));
    if (waitMs > 0) return notice(visit, parts, 429, 'tooMany', retryDetails(waitMs));
    const caller = callerOf(req);
    if (!(await letsIn(parts.identify, caller))) return notice(visit, parts, 403, 'closed');
    if (route.page === 'none') return notice(visit, parts, 404, 'notFound');
    const key = JSON.stringify([reader.language, reader.keptLanguage, route]);
    const page = await cache.get(key, () => makePage(route, caller, reader, parts));
    sendPage(req, res, page, reader.language);
  } catch (error) {
    explain(toHubError(error, parts.log, 'publicity'), visit, parts);
  }
}

/** What is wrong with the question is said beside the form; everything else on a page of its own. */
function explain(error: HubError, visit: Visit, parts: PublicityParts): void {
  const { req, res, route, reader } = visit;
  switch (error.reason) {
    case ErrorReason.NOT_FOUND:
      return notice(visit, parts, 404, 'noEnterprise');
    case ErrorReason.UNAUTHENTICATED:
    case ErrorReason.NOT_PERMITTED:
      return notice(visit, parts, 403, 'closed');
    case ErrorReason.BACKLOG_FULL:
    case ErrorReason.UNAVAILABLE: {
      const details = retryDetails(retryAfterMsOf(error) ?? 0);
      return notice(visit, parts, 503, 'away', { ...details, remark: error.text[reader.language] });
    }
    default:
  }
  if (error.reason === ErrorReason.INTERNAL || route.page !== 'search')
    return notice(visit, parts, 500, 'failed', { remark: error.text[reader.language] });
  const findings = error.details.findings ?? [];
  const problems = findings.map(({ messageZh, messageEn }) => ({ zh: messageZh, en: messageEn }));
  const search = {
    query: route.query,
    after: '',
    problems: problems.length > 0 ? problems : [error.text],
  };
  sendNotice(req, res, 400, searchPage(search, parts.node, reader));
}

function retryDetails(waitMs: number): NoticeDetails {
  return { retrySeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
}

function notice(
  { req, res, reader }: Visit,
  { node }: PublicityParts,
  status: number,
  name: NoticeName,
  details: NoticeDetails = {},
): void {
  const document = noticePage(name, details, node, reader);
  sendNotice(req, res, status, document, details.retrySeconds);
}
