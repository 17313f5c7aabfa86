import { create } from '@bufbuild/protobuf';
import {
  GetDisclosureRequestSchema,
  GetDisclosureResponseSchema,
  SearchEnterprisesRequestSchema,
  SearchEnterprisesResponseSchema,
  type DataCenter,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import type { Call, Caller, ServiceMethods } from '../doors/service.js';
import { NOBODY } from '../domain/access/principal.js';
import { normaliseUscc } from '../domain/identifiers/uscc.js';
import { enterprisePage, type Part } from './enterprise-page.js';
import { htmlPage, type Page } from './page-cache.js';
import type { Reader } from './reader.js';
import type { Route } from './routes.js';
import { searchPage } from './search-page.js';

/** The queries that pages are made of, with the public's rights. */
export type PublicQueries = Pick<
  ServiceMethods<typeof DataCenter>,
  'getDisclosure' | 'searchEnterprises'
>;

/** What pages are made of. */
export interface PageMakerParts {
  readonly queries: PublicQueries;
  /** The node whose pages they are. */
  readonly node: string;
  /** Today's civil date in Asia/Shanghai. */
  readonly today: () => string;
}

/** Enterprises on one page of results. */
const RESULTS_PER_PAGE = 20;

/** Makes the page of an address. Throws what the query throws. */
export function makePage(
  route: Exclude<Route, { page: 'none' }>,
  caller: Caller,
  reader: Reader,
  parts: PageMakerParts,
): Promise<Page> {
  return route.page === 'search'
    ? makeSearchPage(route.query, route.after, caller, reader, parts)
    : makeEnterprisePage(route.uscc, route.part, caller, reader, parts);
}

async function makeSearchPage(
  query: string,
  after: string,
  caller: Caller,
  reader: Reader,
  { queries, node }: PageMakerParts,
): Promise<Page> {
  if (query === '') return htmlPage(searchPage({ query, after }, node, reader));
  const request = create(SearchEnterprisesRequestSchema, {
    query,
    pageSize: RESULTS_PER_PAGE,
    pageToken: after,
  });
  const answer = await queries.searchEnterprises(request, callOf(caller));
  const found = create(SearchEnterprisesResponseSchema, answer);
  const [only, ...others] = found.enterprises;
  // Whoever knows the code wants the enterprise and no list.
  if (only && others.length === 0 && only.uscc === normaliseUscc(query))
    return { location: reader.link(`/enterprises/${only.uscc}`) };
  return htmlPage(searchPage({ query, after, found }, node, reader));
}

async function makeEnterprisePage(
  uscc: string,
  part: Part,
  caller: Caller,
  reader: Reader,
  { queries, today }: PageMakerParts,
): Promise<Page> {
  const request = create(GetDisclosureRequestSchema, { uscc });
  const answer = await queries.getDisclosure(request, callOf(caller));
  const disclosure = create(GetDisclosureResponseSchema, answer);
  return htmlPage(enterprisePage(disclosure, part, today(), reader));
}

/** Never cancelled: others may wait for the same page. */
function callOf(caller: Caller): Call {
  const { signal } = new AbortController();
  return { signal, caller, principal: NOBODY, cancelled: false, door: 'connect' };
}
