import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NamingState, RouteOutcome } from '#gen/zhengzhao/v1/common_pb.js';
import {
  UnattributedReason,
  type ResolveUnattributedResponse,
  type UnattributedRecord,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import { HubError } from '../../server/domain/errors.js';
import {
  BUILDER_NOW_MS,
  testMessageId,
  testName,
  testUscc,
  validLicence,
  validRegistration,
} from '../support/builders.js';
import {
  exchange,
  fieldsOf,
  openDataCenter,
  refusalWith,
  type TestDataCenter,
} from '../support/data-center.js';

const TWIN = { entName: '舟山市双子餐饮有限公司', regNo: '330902000000012' };
const TYPO = '舟山市定海干岛1号餐饮管理有限公司';

function licence(number: number, counterpart: object, extra: { nonPublic?: boolean } = {}) {
  return validLicence(
    { licId: `W-${number}`, counterpart: { regOrg: '330902', ...counterpart } },
    {
      number,
      envelope: { messageId: testMessageId(41, number) },
      ...(extra.nonPublic && { nonPublic: true, nonPublicBasis: '涉及商业秘密' }),
    },
  );
}

function messageIdsOf(records: readonly UnattributedRecord[]): string[] {
  return records.map((record) => record.messageId);
}

describe('ListUnattributed', () => {
  let centre: TestDataCenter;
  beforeAll(async () => {
    centre = await openDataCenter();
    await centre.register(validRegistration({}, { number: 1 }));
    await centre.register(validRegistration(TWIN, { number: 11 }));
    await centre.register(validRegistration(TWIN, { number: 12 }));
    const waiting = [
      licence(3, { uscc: testUscc(3), entName: TYPO }),
      licence(1, { uscc: testUscc(1), entName: '舟山市别的名称有限公司' }),
      licence(2, TWIN),
    ];
    for (const [index, record] of waiting.entries()) {
      centre.nowMs = BUILDER_NOW_MS + index * 1000;
      await centre.record(record);
    }
    await centre.record(validLicence());
  });
  afterAll(() => centre.close());

  it('R29 VR25 lists what could not be attributed, longest waiting first, with the reason', async () => {
    const { records } = await centre.ask.listUnattributed({});
    expect(records.map((record) => record.reason)).toEqual([
      UnattributedReason.ENTITY_NOT_FOUND,
      UnattributedReason.NAME_DIFFERS,
      UnattributedReason.AMBIGUOUS,
    ]);
    expect(messageIdsOf(records)).toEqual([3, 1, 2].map((n) => testMessageId(41, n)));
    expect(records[1]).toMatchObject({
      sourceNode: '330000',
      record: { businessKey: 'W-1' },
      counterpart: { entName: '舟山市别的名称有限公司', uscc: testUscc(1) },
    });
    for (const { reasonZh, reasonEn, waitingSince } of records) {
      expect(reasonZh).toMatch(/\p{Script=Han}/u);
      expect(reasonEn).toMatch(/[a-z]/);
      expect(waitingSince).toBeDefined();
    }
  });

  it('R29 suggests enterprises of the same code, old number or a like name, and uses none', async () => {
    const { records } = await centre.ask.listUnattributed({});
    const candidates = records.map((record) => record.candidates.map(({ uscc }) => uscc));
    expect(candidates[0]?.[0]).toBe(testUscc(1));
    expect(candidates[1]?.[0]).toBe(testUscc(1));
    expect(candidates[2]).toEqual([testUscc(11), testUscc(12)].sort());
    expect(records[1]?.candidates[0]).toMatchObject({ entName: testName(1), homeNode: '330000' });
    const [row] = await centre.knex('records').where({ business_key: 'W-3' });
    expect(row).toMatchObject({ naming: 1, uscc: null });
  });

  it('suggests five enterprises at most', async () => {
    const numbers = [21, 22, 23, 24, 25, 26];
    await centre.register(...numbers.map((number) => validRegistration({}, { number })));
    const { records } = await centre.ask.listUnattributed({});
    expect(records[0]?.candidates).toHaveLength(5);
    expect(records[0]?.candidates[0]?.uscc).toBe(testUscc(1));
  });

  it('lists one reason, and page by page', async () => {
    const { records } = await centre.ask.listUnattributed({
      reason: UnattributedReason.AMBIGUOUS,
    });
    expect(messageIdsOf(records)).toEqual([testMessageId(41, 2)]);
    const whole = await centre.ask.listUnattributed({});
    const paged: string[] = [];
    let pageToken = '';
    do {
      const page = await centre.ask.listUnattributed({ pageSize: 2, pageToken });
      paged.push(...messageIdsOf(page.records));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(paged).toEqual(messageIdsOf(whole.records));
    await refusalWith('BAD_PAGE_TOKEN', centre.ask.listUnattributed({ pageToken: 'AAAA' }));
  });
});

describe('ResolveUnattributed', () => {
  let centre: TestDataCenter;
  beforeAll(async () => {
    centre = await openDataCenter();
    const numbers = [1, 2, 3];
    await centre.register(...numbers.map((number) => validRegistration({}, { number })));
    await centre
      .knex('enterprises')
      .where({ uscc: testUscc(3) })
      .update({ home_node: '440000' });
  });
  afterAll(() => centre.close());

  let next = 100;
  /** A record that waits, because its name is not that of its code. */
  async function waiting(extra: { nonPublic?: boolean } = {}): Promise<string> {
    const number = next++;
    await centre.record(licence(number, { uscc: testUscc(1), entName: `别名${number}号` }, extra));
    return testMessageId(41, number);
  }

  function resolve(
    messageId: string,
    resolution: { attributeToUscc: string } | { sendBackReason: string },
  ): Promise<ResolveUnattributedResponse> {
    return centre.ask.resolveUnattributed({
      messageId,
      sourceNode: '330000',
      resolvedBy: '王科长',
      resolution:
        'attributeToUscc' in resolution
          ? { case: 'attributeToUscc', value: resolution.attributeToUscc }
          : { case: 'sendBackReason', value: resolution.sendBackReason },
    });
  }

  async function rowOf(messageId: string): Promise<Record<string, unknown>> {
    const [row] = await centre.knex('records').where({ message_id: messageId });
    return row as Record<string, unknown>;
  }

  async function deliveriesOf(messageId: string): Promise<{ state: number; rule: string }[]> {
    return centre
      .knex('deliveries')
      .join('messages', 'messages.seq', 'deliveries.message_seq')
      .where({ message_id: messageId })
      .select('deliveries.state', 'deliveries.rule');
  }

  async function listed(): Promise<string[]> {
    const { records } = await centre.ask.listUnattributed({ pageSize: 200 });
    return messageIdsOf(records);
  }

  it('R29 a person’s decision names the record, publishes it, and opens its way up', async () => {
    const id = await waiting();
    const lanes = centre.woken.length;
    const answer = await resolve(id, { attributeToUscc: testUscc(2) });
    expect(answer.namingState).toBe(NamingState.NAMED);
    expect(answer.destinations.map(({ rule, code }) => `${rule} ${code}`)).toEqual([
      'UP-NAMED 100000',
      'PUBLISH-PROVINCIAL ',
    ]);
    expect(await rowOf(id)).toMatchObject({
      uscc: testUscc(2),
      naming_method: 'manual',
      named_by: '330000',
      naming_reason: 0,
    });
    expect(await deliveriesOf(id)).toEqual([{ state: 1, rule: 'UP-NAMED' }]);
    expect(centre.woken.slice(lanes).map(({ destination }) => destination)).toEqual(['100000']);
    expect(await listed()).not.toContain(id);
    const { licences } = await centre.ask.getDisclosure({ uscc: testUscc(2) });
    expect(licences).toHaveLength(1);
  });

  it('R38 the national node takes the decision over', async () => {
    const national = await openDataCenter('national');
    try {
      await exchange(centre, national);
      const { licences } = await national.ask.getDisclosure({ uscc: testUscc(2) });
      expect(licences.map(({ attributedByNode }) => attributedByNode)).toEqual(['330000']);
    } finally {
      await national.close();
    }
  });

  it('R29 deciding the same again changes nothing, deciding otherwise is refused', async () => {
    const id = await waiting();
    const first = await resolve(id, { attributeToUscc: testUscc(2) });
    expect(await resolve(id, { attributeToUscc: testUscc(2).toLowerCase() })).toEqual(first);
    expect(await deliveriesOf(id)).toHaveLength(1);
    await refusalWith('NOT_IN_STATE', resolve(id, { attributeToUscc: testUscc(1) }));
    await refusalWith('NOT_IN_STATE', resolve(id, { sendBackReason: '名称有误' }));
  });

  it('R29 of two persons who decide at the same moment one decides', async () => {
    const id = await waiting();
    const outcomes = await Promise.allSettled([
      resolve(id, { attributeToUscc: testUscc(1) }),
      resolve(id, { attributeToUscc: testUscc(2) }),
    ]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toBeInstanceOf(HubError);
    expect(await deliveriesOf(id)).toHaveLength(1);
  });

  it('R55 a record that is not public stays at the province after its attribution', async () => {
    const id = await waiting({ nonPublic: true });
    const { destinations } = await resolve(id, { attributeToUscc: testUscc(1) });
    expect(destinations.map(({ rule, outcome }) => [rule, outcome])).toEqual([
      ['UP-HELD-BACK', RouteOutcome.HELD_BACK],
      ['PUBLISH-HELD-BACK', RouteOutcome.HELD_BACK],
    ]);
    // Noted once: when it came, not again when it was attributed.
    expect(await deliveriesOf(id)).toEqual([{ state: 4, rule: 'UP-HELD-BACK' }]);
    expect((await rowOf(id))['published_at']).toBeNull();
  });

  it('R29 attributes only to an enterprise that is held and kept here', async () => {
    const id = await waiting();
    await refusalWith('NOT_FOUND', resolve(id, { attributeToUscc: testUscc(98) }));
    await refusalWith('NOT_IN_STATE', resolve(id, { attributeToUscc: testUscc(3) }));
    expect(await listed()).toContain(id);
    expect(await deliveriesOf(id)).toEqual([]);
  });

  it('R29 a record sent back leaves the list with its reason until a new version comes', async () => {
    const id = await waiting();
    const answer = await resolve(id, { sendBackReason: '名称与代码不符,请更正后重报' });
    expect(answer).toMatchObject({ namingState: NamingState.UNNAMED, destinations: [] });
    expect(await listed()).not.toContain(id);
    expect(await rowOf(id)).toMatchObject({
      sent_back: '名称与代码不符,请更正后重报',
      naming: 1,
      naming_reason: UnattributedReason.NAME_DIFFERS,
    });
    expect(await resolve(id, { sendBackReason: '名称与代码不符,请更正后重报' })).toEqual(answer);
    await refusalWith('NOT_IN_STATE', resolve(id, { attributeToUscc: testUscc(1) }));

    const again = testMessageId(42, 1);
    const businessKey = String((await rowOf(id))['business_key']);
    await centre.record(
      validLicence(
        { licId: businessKey, counterpart: { uscc: testUscc(1), entName: '又一别名' } },
        { envelope: { messageId: again, businessKey, recordVersion: 2n } },
      ),
    );
    expect(await listed()).toContain(again);
    await refusalWith('NOT_IN_STATE', resolve(id, { attributeToUscc: testUscc(1) }));
  });

  it('resolves nothing that does not wait or is not there', async () => {
    await centre.record(validLicence());
    const named = testMessageId(4, 1);
    await refusalWith('NOT_IN_STATE', resolve(named, { attributeToUscc: testUscc(1) }));
    const registration = testMessageId(1, 1);
    await refusalWith('NOT_IN_STATE', resolve(registration, { attributeToUscc: testUscc(1) }));
    await refusalWith('NOT_FOUND', resolve(testMessageId(99, 1), { sendBackReason: '无' }));
  });

  it('tells everything that is missing at once', async () => {
    const nothing = await refusalWith('VALIDATION_FAILED', centre.ask.resolveUnattributed({}));
    expect(fieldsOf(nothing)).toEqual(['message_id', 'source_node', 'resolved_by', 'resolution']);
    const long = resolve('x', { sendBackReason: '长'.repeat(501) });
    expect(fieldsOf(await refusalWith('VALIDATION_FAILED', long))).toEqual(['send_back_reason']);
  });
});
