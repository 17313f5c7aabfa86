import { z } from 'zod';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { ServiceMethods } from '../../doors/service.js';
import type { Principal } from '../../domain/access/principal.js';
import { publishedBy, sightOf, type Sight } from '../../domain/access/sight.js';
import { grantOf } from '../../domain/access/table.js';
import { discloseName } from '../../domain/disclosure.js';
import { charLength, foldFullWidth, normaliseName } from '../../domain/identifiers/text.js';
import { normaliseUscc } from '../../domain/identifiers/uscc.js';
import { Batcher } from '../../batching/batcher.js';
import { searchEnterprises } from '../../storage/enterprise-search.js';
import type { DataCenterParts } from '../data-center.js';
import { PAGE_SIZES } from '../page-sizes.js';
import { pageSizeOf } from '../page-token.js';
import { cutPage, decodeKey } from './keyset-page.js';
import { RequestCheck } from '../request-check.js';

const RPC = 'zhengzhao.v1.DataCenter/SearchEnterprises';
const PLACE = z.tuple([z.number().int(), z.number().int(), z.string()]);
/** Longest name in the data standard. */
const QUERY_MAX = 200;

type Found = Awaited<ReturnType<typeof searchEnterprises>>;

function isPublic({ role }: Principal): boolean {
  return grantOf(role, RPC) === 'published';
}

/** 检索企业 by a part of a current or former name, credit code or old number (R48). */
export function searchMethods({
  knex,
  node,
  level,
  publicReads,
}: DataCenterParts): Pick<ServiceMethods<typeof DataCenter>, 'searchEnterprises'> {
  // Anybody may search what is published, and must leave the others their connections.
  const turns = new Batcher(
    async ([search]: readonly (() => Promise<Found>)[]) => (search ? [await search()] : []),
    { connections: publicReads.atOnce, batchSize: 1, waiting: publicReads.waiting },
  );
  const inTurn = async (search: () => Promise<Found>, isGone: () => boolean): Promise<Found> =>
    (await turns.add([{ item: search, lanes: [] }], isGone)).flat();
  const sight = (principal: Principal): Sight | undefined =>
    isPublic(principal) ? publishedBy(node, level) : sightOf(principal, RPC);
  return {
    async searchEnterprises(request, call) {
      const name = normaliseName(request.query);
      checkQuery(name);
      const list = ['enterprises', name];
      const size = pageSizeOf(request.pageSize, PAGE_SIZES.SearchEnterprises);
      const after = decodeKey(list, request.pageToken, PLACE);
      const seen = sight(call.principal);
      const search = () =>
        searchEnterprises(
          knex,
          {
            name,
            uscc: normaliseUscc(request.query),
            regNo: foldFullWidth(request.query).trim(),
          },
          after && { rank: after[0], length: after[1], uscc: after[2] },
          size + 1,
          seen,
        );
      const published = isPublic(call.principal);
      const rows = published ? await inTurn(search, () => call.cancelled) : await search();
      const page = cutPage(rows, size, list, (row) => [row.rank, row.length, row.uscc]);
      const shown = published ? page.rows.map(withDisclosedName) : [...page.rows];
      return { enterprises: shown, nextPageToken: page.nextPageToken };
    },
  };
}

function withDisclosedName<Row extends { readonly entName: string }>(row: Row): Row {
  return { ...row, entName: discloseName(row.entName) };
}

function checkQuery(name: string): void {
  const check = new RequestCheck();
  if (charLength(name) < 2)
    check.add('query', 'TOO_SHORT', {
      zh: '检索词至少 2 个字符。',
      en: 'Search for two characters or more.',
    });
  check.length(name, 'query', QUERY_MAX);
  check.pass();
}
