import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnattributedReason } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { Party } from '../../../server/domain/message.js';
import { attribute, type EnterpriseDirectory } from '../../../server/domain/record/attribution.js';
import type { Enterprise } from '../../../server/domain/registration/enterprise.js';

interface Target {
  readonly name: string;
  readonly uscc: string;
  readonly reg_no_15: string;
}

const targets = parse<Target>(
  readFileSync(
    new URL('../../../reference/samples/sample-spot-check-targets.csv', import.meta.url),
  ),
  { columns: true, bom: true },
);

function enterprise(entName: string, codes: Partial<Enterprise>): Enterprise {
  return {
    uscc: '',
    pripid: '',
    regNo: '',
    entName,
    formerNames: [],
    regState: '1',
    regOrg: '330100',
    regOrgName: '',
    homeNode: '330000',
    businessKey: '',
    recordVersion: 1,
    effectiveDate: '2019-12-01',
    cancelled: false,
    ftz: false,
    permitItems: [],
    itemsSince: {},
    told: [],
    messageSeq: 1,
    ...codes,
  };
}

function directory(enterprises: readonly Enterprise[]): EnterpriseDirectory {
  return {
    byUscc: (uscc) => enterprises.find((one) => one.uscc === uscc),
    byRegNo: (regNo) => enterprises.filter((one) => one.regNo === regNo),
  };
}

function party(entName: string, codes: Partial<Party>): Party {
  return { uscc: '', regNo: '', regOrg: '', entName, ...codes };
}

// Every enterprise of the sample has a credit code today; those with an old number kept it.
const known = targets.map((target, index) =>
  enterprise(target.name, {
    uscc: target.uscc || `NEW-CODE-${index}`,
    regNo: target.reg_no_15,
  }),
);
const registry = directory(known);

describe('attribution', () => {
  it('VR25 names every real enterprise of the sample, also those with an old number alone', () => {
    const old = targets.filter((target) => target.uscc === '');
    expect(old.length).toBeGreaterThan(targets.length / 10);
    for (const target of targets) {
      const codes = target.uscc ? { uscc: target.uscc } : { regNo: target.reg_no_15 };
      const result = attribute(party(target.name, codes), '330000', registry);
      expect(result).toMatchObject({
        named: true,
        method: target.uscc ? 'uscc+name' : 'reg_no+name',
        enterprise: { entName: target.name },
      });
    }
  });

  it('VR25 never guesses by likeness: one other character and nothing is named', () => {
    fc.assert(
      fc.property(fc.constantFrom(...targets), fc.nat(), ({ name, uscc, reg_no_15 }, at) => {
        const characters = [...name];
        characters[at % characters.length] = '某';
        const other = characters.join('');
        fc.pre(other !== name);
        const codes = uscc ? { uscc } : { regNo: reg_no_15 };
        expect(attribute(party(other, codes), '330000', registry)).toEqual({
          named: false,
          reason: UnattributedReason.NAME_DIFFERS,
        });
      }),
    );
  });

  it('VR20 VR25 knows former names, and names written in full width or with other brackets', () => {
    const renamed = directory([
      enterprise('舟山新名(浙江)有限公司', {
        uscc: 'U',
        formerNames: ['舟山旧名（浙江）有限公司'],
      }),
    ]);
    const methods = [
      '舟山旧名(浙江)有限公司',
      '舟山新名（浙江）有限公司',
      '舟山新名 (浙江) 有限公司',
    ].map((name) => attribute(party(name, { uscc: 'U' }), '330000', renamed));
    expect(methods.map((one) => one.named && one.method)).toEqual([
      'uscc+former-name',
      'uscc+name',
      'uscc+name',
    ]);
  });

  it('VR25 leaves an old number that two enterprises of one name share to a person', () => {
    const twins = directory([
      enterprise('同名商行', { uscc: 'A', regNo: '330100000000001' }),
      enterprise('同名商行', { uscc: 'B', regNo: '330100000000001' }),
    ]);
    expect(attribute(party('同名商行', { regNo: '330100000000001' }), '330000', twins)).toEqual({
      named: false,
      reason: UnattributedReason.AMBIGUOUS,
    });
  });

  it('R29 only the province that keeps the enterprise names its records', () => {
    const [first] = known;
    const result = attribute(party(first!.entName, { uscc: first!.uscc }), '440000', registry);
    expect(result).toEqual({ named: false, reason: UnattributedReason.MOVED_AWAY });
  });

  it('VR25 does not name a record without a code and without an old number', () => {
    const [first] = known;
    expect(attribute(party(first!.entName, {}), '330000', registry)).toEqual({
      named: false,
      reason: UnattributedReason.ENTITY_NOT_FOUND,
    });
  });
});
