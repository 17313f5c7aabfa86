import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DescMethod } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGE_SIZES, type PageSizes } from '../../server/services/page-sizes.js';
import {
  testCounterpart,
  testMessageId,
  validChange,
  validLicence,
  validRegistration,
} from '../support/builders.js';
import { doors, METHODS } from '../support/doors.js';
import { startTestNode, type TestNode } from '../support/nodes.js';
import { samplesOf } from '../support/request-samples.js';

const LARGEST = 2 ** 31 - 1;
const limits: Readonly<Record<string, PageSizes>> = PAGE_SIZES;
const paged = METHODS.filter(({ input }) => input.fields.some(({ name }) => name === 'page_size'));

/** What the contract says at the page size of a request: `每页条数…: 1–MAX. 0: PRESET.` */
function statedAt(method: DescMethod): PageSizes | undefined {
  for (const file of readdirSync('proto/zhengzhao/v1')) {
    const text = readFileSync(join('proto/zhengzhao/v1', file), 'utf8');
    const [, body = ''] =
      new RegExp(`message ${method.input.name} \\{([^]*?)\\n\\}`).exec(text) ?? [];
    const [, max, preset] =
      /每页条数[^:]*: 1–([\d,]+)\. 0: ([\d,]+)\.\n {2}int32 page_size/.exec(body) ?? [];
    if (max && preset)
      return { max: Number(max.replace(',', '')), preset: Number(preset.replace(',', '')) };
  }
  return undefined;
}

/** Rows of an answer: its longest list. */
function rowsOf(answer: unknown): number {
  if (typeof answer !== 'object' || answer === null) return 0;
  if (Array.isArray(answer)) return answer.length;
  return Math.max(0, ...Object.values(answer).map(rowsOf));
}

it('every list has its page sizes in one table, and the contract states the same', () => {
  expect(Object.keys(limits).sort()).toEqual(paged.map(({ name }) => name).sort());
  for (const method of paged)
    expect([method.name, statedAt(method)]).toEqual([method.name, limits[method.name]]);
});

describe('a page', () => {
  let node: TestNode;

  beforeAll(async () => {
    node = await startTestNode({});
    const { catalogVersion } = node.node;
    const numbers = (count: number, first: number): number[] =>
      Array.from({ length: count }, (_, index) => first + index);
    for (const first of [1, 501, 1_001])
      await node.registration.batchSubmitRegistrations({
        registrations: numbers(Math.min(500, 1_002 - first), first).map((number) =>
          validRegistration({ catalogVersion }, { number }),
        ),
      });
    // Of one enterprise, one after the other.
    await node.registration.batchSubmitRegistrations({
      registrations: numbers(PAGE_SIZES.ListRegistrationEvents.max + 1, 2).map((version) =>
        validChange(
          { catalogVersion },
          { envelope: { messageId: testMessageId(90, version), recordVersion: BigInt(version) } },
        ),
      ),
    });
    // Of enterprises that nobody knows.
    await node.exchange.batchSubmitRecords({
      records: numbers(PAGE_SIZES.ListUnattributed.max + 1, 5_001).map((number) =>
        validLicence({ counterpart: testCounterpart(number) }, { number }),
      ),
    });
  });
  afterAll(() => node.stop());

  const full: Readonly<Record<string, (pageSize: number) => Promise<unknown>>> = {
    ListRegistrationEvents: (pageSize) =>
      node.registration.listRegistrationEvents({ uscc: testCounterpart(1).uscc, pageSize }),
    ListDeliveries: (pageSize) => node.exchange.listDeliveries({ pageSize }),
    SearchEnterprises: (pageSize) => node.dataCenter.searchEnterprises({ query: '舟山', pageSize }),
    ListSharedRegistrations: (pageSize) =>
      node.dataCenter.listSharedRegistrations({ subscriber: '业务系统', pageSize }),
    ListUnattributed: (pageSize) => node.dataCenter.listUnattributed({ pageSize }),
    ListAuditEntries: (pageSize) => node.dataCenter.listAuditEntries({ pageSize }),
  };

  it.each(Object.keys(full))(
    'of %s has as many rows as asked, as preset, or as the limit',
    async (name) => {
      const { preset, max } = limits[name]!;
      const rows = async (pageSize: number): Promise<number> => rowsOf(await full[name]!(pageSize));
      expect([await rows(1), await rows(0), await rows(max + 1), await rows(LARGEST)]).toEqual([
        1,
        preset,
        max,
        max,
      ]);
    },
  );

  it('of any list is never longer than its limit', async () => {
    const door = doors['gRPC']!(node.address);
    for (const method of paged) {
      const [sample] = samplesOf(method);
      const answer = await door.ask(method, { ...sample, pageSize: LARGEST });
      expect([method.name, rowsOf(answer) <= limits[method.name]!.max]).toEqual([
        method.name,
        true,
      ]);
    }
    door.close();
  });
});
