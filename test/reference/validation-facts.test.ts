import { describe, expect, it } from 'vitest';
import { loadReference } from '../../server/reference/load-reference.js';
import { createFacts } from '../../server/reference/validation-facts.js';

const facts = createFacts(loadReference());

describe('the reference tables as facts for validation', () => {
  it.each([
    'FTZ-33',
    '中国(浙江)自由贸易试验区',
    '中国（浙江）自由贸易试验区',
    '浙江自由贸易试验区',
    '浙江自贸区',
  ])('VR11 the zone 浙江 is known as %s', (name) => {
    expect(facts.ftz(name)).toMatchObject({ code: 'FTZ-33', province: '330000' });
  });

  it.each(['', '浙江', '自贸区', 'FTZ-99', '中国（千岛）自由贸易试验区'])(
    'VR11 %j is no zone',
    (name) => {
      expect(facts.ftz(name)).toBeUndefined();
    },
  );

  it('VR11 an area is known by code and name inside its own zone only', () => {
    const zone = facts.ftz('FTZ-33');
    expect(zone?.area('舟山离岛片区')?.code).toBe('FTZ-33-01');
    expect(zone?.area('舟山离岛')?.code).toBe('FTZ-33-01');
    expect(zone?.area('FTZ-33-01')?.name).toBe('舟山离岛片区');
    expect(zone?.area('广州南沙新区片区')).toBeUndefined();
  });

  it('VR7 D11 authorities belong to nodes', () => {
    expect(facts.nodeOfRegOrg('330902')).toBe('330000');
    expect(facts.nodeOfRegOrg('100000')).toBe('100000');
    expect(facts.nodeOfRegOrg('660100')).toBe('660000');
    expect(facts.nodeOfRegOrg('990000')).toBeUndefined();
    expect(facts.provinceOf('100000')).toBeUndefined();
  });

  it('VR10 code lists hold what they should and nothing else', () => {
    expect(facts.isRegion('330902')).toBe(true);
    expect(facts.isRegion('330999')).toBe(false);
    expect(facts.isEnterpriseType('1130')).toBe(true);
    expect(facts.isEnterpriseType('toString')).toBe(false);
    expect(facts.isCurrency('156')).toBe(true);
    expect(facts.industrySection('6210')).toBe('H');
    expect(facts.industrySection('99')).toBeUndefined();
    expect(facts.codes('change_item').has('99')).toBe(true);
    expect(facts.codes('reg_state').has('7')).toBe(false);
  });
});
