import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { create } from '@bufbuild/protobuf';
import { SearchEnterprisesRequestSchema } from '#gen/zhengzhao/v1/data_center_pb.js';
import { anonymous } from '../../server/domain/access/principal.js';
import { createDataCenter } from '../../server/services/data-center.js';
import { encodePageToken } from '../../server/services/page-token.js';
import { testName, testUscc, validChange, validRegistration } from '../support/builders.js';
import {
  fieldsOf,
  openDataCenter,
  refusalWith,
  type TestDataCenter,
} from '../support/data-center.js';

const NAMES = [
  '舟山市海天餐饮有限公司',
  '舟山市海天餐饮管理有限公司',
  '舟山市海蓝天空餐饮有限公司',
  'ABC（舟山）海天有限公司',
];

describe('SearchEnterprises', () => {
  let centre: TestDataCenter;

  beforeAll(async () => {
    centre = await openDataCenter();
    await centre.register(
      ...NAMES.map((entName, index) =>
        validRegistration(
          { entName, ...(index === 1 && { regNo: '330902000000011' }) },
          { number: index + 1 },
        ),
      ),
    );
    await centre.register(validRegistration({}, { number: 9 }));
    await centre.register(validChange({}, { number: 9 }));
  });
  afterAll(() => centre.close());

  async function search(query: string, pageSize = 0, pageToken = ''): Promise<string[]> {
    const { enterprises } = await centre.ask.searchEnterprises({ query, pageSize, pageToken });
    return enterprises.map(({ entName }) => entName);
  }

  it('R48 finds any part of a name that stands together, shorter names first', async () => {
    expect(await search('海天')).toEqual([NAMES[0], NAMES[1], NAMES[3]]);
    expect(await search('海天餐饮')).toEqual([NAMES[0], NAMES[1]]);
  });

  it('R48 finds no name that only has the same pairs of characters', async () => {
    await centre.register(validRegistration({ entName: '岱山白蓝与蓝白有限公司' }, { number: 8 }));
    expect(await search('白蓝与蓝白')).toHaveLength(1);
    // 白蓝 and 蓝白 are both in the name, 白蓝白 is not.
    expect(await search('白蓝白')).toEqual([]);
  });

  it('VR28 R17 masks for the public what a name says of a person, for nobody else', async () => {
    const entName = '岱山11010519491231002X号客栈有限公司';
    await centre.register(validRegistration({ entName }, { number: 7 }));
    const service = createDataCenter(centre.parts);
    const call = {
      signal: new AbortController().signal,
      caller: { peer: 'test' },
      door: 'grpc',
      cancelled: false,
    } as const;
    const foundBy = async (role: 'public' | 'trial') => {
      const request = create(SearchEnterprisesRequestSchema, { query: testUscc(7) });
      const answer = await service.searchEnterprises(request, {
        ...call,
        principal: anonymous(role),
      });
      return answer.enterprises?.map((one) => one.entName);
    };
    expect(await foundBy('public')).toEqual(['岱山110***************号客栈有限公司']);
    expect(await foundBy('trial')).toEqual([entName]);
  });

  it('shows the exact name before others', async () => {
    expect((await search(NAMES[1] ?? ''))[0]).toBe(NAMES[1]);
  });

  it('VR20 VR25 finds former names, and names whatever their width, case and brackets', async () => {
    expect(await search(testName(9))).toEqual([`${testName(9)}（更名）`]);
    expect(await search('ａｂｃ(舟 山)')).toEqual([NAMES[3]]);
  });

  it('R48 finds an enterprise by its credit code and by its old number', async () => {
    expect(await search(testUscc(2).toLowerCase())).toEqual([NAMES[1]]);
    expect(await search('330902000000011')).toEqual([NAMES[1]]);
    const { enterprises } = await centre.ask.searchEnterprises({ query: testUscc(1) });
    expect(enterprises[0]).toMatchObject({
      uscc: testUscc(1),
      regState: '1',
      regOrgName: '舟山市定海区市场监督管理局',
      homeNode: '330000',
    });
  });

  it('treats signs of patterns as the characters they are', async () => {
    expect(await search('%%')).toEqual([]);
    expect(await search('海_餐饮')).toEqual([]);
  });

  it('pages put together are the whole answer', async () => {
    const whole = await search('舟山');
    expect(whole).toHaveLength(5);
    const paged: string[] = [];
    let pageToken = '';
    for (let page = 0; page < 5; page += 1) {
      const answer = await centre.ask.searchEnterprises({ query: '舟山', pageSize: 2, pageToken });
      paged.push(...answer.enterprises.map(({ entName }) => entName));
      pageToken = answer.nextPageToken;
      if (pageToken === '') break;
    }
    expect(paged).toEqual(whole);
  });

  it('refuses a single character, a negative page and a token of another search', async () => {
    const short = await refusalWith(
      'VALIDATION_FAILED',
      centre.ask.searchEnterprises({ query: ' 海 ' }),
    );
    expect(fieldsOf(short)).toEqual(['query']);
    const page = centre.ask.searchEnterprises({ query: '海天', pageSize: -1 });
    expect(fieldsOf(await refusalWith('VALIDATION_FAILED', page))).toEqual(['page_size']);
    const { nextPageToken } = await centre.ask.searchEnterprises({ query: '海天', pageSize: 1 });
    for (const pageToken of [
      nextPageToken,
      'bm9uc2Vuc2U',
      encodePageToken(['enterprises', '舟山'], '[1]'),
    ])
      await refusalWith(
        'BAD_PAGE_TOKEN',
        centre.ask.searchEnterprises({ query: '舟山', pageToken }),
      );
  });
});
