import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import { PackageContentSchema } from '#gen/zhengzhao/v1/package_pb.js';
import { buildPackage } from '../../../server/domain/registration/package.js';
import { routingTable } from '../../../server/domain/routing/table.js';
import { bytesHoldUnknownFields } from '../../../server/domain/unknown-fields.js';
import { foodPermitItem, validRegistration } from '../../support/builders.js';
import { withUnknown } from '../../support/unknown-field.js';

describe('the filings of a package', () => {
  it('R11 have numbers of their own, at most 64 characters, however long the item codes are', () => {
    const codes = ['1', '2'].map((last) => `HYGIENE-LICENCE-OF-PUBLIC-PLACE${last}`);
    const items = codes.map((permitItemCode) => ({
      ref: foodPermitItem({ permitItemCode }),
      reformMode: ReformMode.FILING,
      removed: false,
      row: routingTable[0]!,
      filedOn: '2019-12-16',
    }));
    const bytes = buildPackage(
      validRegistration({ permitItems: items.map(({ ref }) => ref) }),
      { code: '330000000M660', name: '浙江省市场监督管理局', items },
      { packageId: '330000-1-1', node: '330000', createdAtMs: 0 },
    );
    const ids = fromBinary(PackageContentSchema, bytes).filings.map((filing) => filing.filingId);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(64);
  });
});

describe('the registration of a package', () => {
  it('R47 has nothing that a node of a later version added, which may be personal', () => {
    const item = foodPermitItem();
    const registration = validRegistration({ permitItems: [withUnknown(item, '后续版本的字段')] });
    const told = {
      reformMode: ReformMode.FILING,
      removed: false,
      row: routingTable[0]!,
      filedOn: '2019-12-16',
    };
    const bytes = buildPackage(
      registration,
      {
        code: '330000000M660',
        name: '浙江省市场监督管理局',
        items: [{ ...told, ref: item }],
      },
      { packageId: '330000-1-1', node: '330000', createdAtMs: 0 },
    );
    expect(bytesHoldUnknownFields(PackageContentSchema, bytes)).toBe(false);
    expect(registration.permitItems[0]?.$unknown).toHaveLength(1);
  });
});
