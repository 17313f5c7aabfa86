import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScopeCategory } from '#gen/zhengzhao/v1/catalog_pb.js';
import {
  breaksScopeText,
  parseScopeText,
  renderScopeText,
  scopeTextMatches,
} from '../../../server/domain/catalog/scope-text.js';
import { permitEntry } from './builders.js';

const GENERAL = { category: ScopeCategory.GENERAL };
const ENTRIES = [
  permitEntry('P1', { name: '餐饮服务' }),
  permitEntry('G1', { name: '餐饮管理', ...GENERAL }),
  permitEntry('P2', { name: '食品销售' }),
  permitEntry('G2', { name: '广告发布（非广播电台、电视台、报刊出版单位）', ...GENERAL }),
];

describe('canonical text', () => {
  it('R8 puts general items first and permit items after, in the order ticked', () => {
    expect(renderScopeText(ENTRIES)).toBe(
      '一般项目：餐饮管理；广告发布（非广播电台、电视台、报刊出版单位）' +
        '（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）。' +
        '许可项目：餐饮服务；食品销售' +
        '（依法须经批准的项目，经相关部门批准后方可开展经营活动，具体经营项目以审批结果为准）。',
    );
    expect(renderScopeText([])).toBe('');
    expect(renderScopeText(ENTRIES.slice(0, 1))).not.toContain('一般项目');
  });

  it('R8 reads back exactly what it wrote, whatever the names', () => {
    const name = fc
      .string({
        unit: fc.constantFrom(...'餐饮服务（）()、；;。a1，'),
        minLength: 1,
        maxLength: 12,
      })
      .filter((text) => !breaksScopeText(text) && parseScopeText(text)[0] === text)
      .filter((text) => balanced(text));
    const general = fc.constantFrom(ScopeCategory.GENERAL, ScopeCategory.PERMIT);
    const entries = fc.array(
      fc.record({ name, category: general }).map((init) => permitEntry('E', init)),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(entries, (chosen) => {
        const text = renderScopeText(chosen);
        expect([...parseScopeText(text)].sort()).toEqual(chosen.map((one) => one.name).sort());
        expect(scopeTextMatches(text, chosen)).toBe(true);
      }),
    );
  });
});

function balanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if ('（('.includes(character)) depth += 1;
    if ('）)'.includes(character)) depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

describe('texts of real registrations', () => {
  it('R8 VR30 compares sets: order, remarks, bracket and semicolon width do not matter', () => {
    const written =
      '许可项目:食品销售;餐饮服务(依法须经批准的项目,经相关部门批准后方可开展经营活动,具体经营项目以审批结果为准)。' +
      '一般项目:广告发布(非广播电台、电视台、报刊出版单位);餐饮管理(除依法须经批准的项目外,凭营业执照依法自主开展经营活动)。';
    expect(scopeTextMatches(written, ENTRIES)).toBe(true);
    expect(scopeTextMatches(written, ENTRIES.slice(1))).toBe(false);
    expect(scopeTextMatches(written.replace('餐饮管理', '餐饮管理；酒店管理'), ENTRIES)).toBe(
      false,
    );
    expect(scopeTextMatches('', ENTRIES)).toBe(false);
    expect(scopeTextMatches('', [])).toBe(true);
  });

  it('reads the older labels and a remark after the full stop', () => {
    expect(
      parseScopeText('一般经营项目是：国内贸易；货物进出口。，许可经营项目是：预包装食品销售。'),
    ).toEqual(['国内贸易', '货物进出口', '预包装食品销售']);
    expect(
      parseScopeText(
        '一般项目：眼镜销售（不含隐形眼镜）（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）。（在总公司经营范围内从事经营活动）',
      ),
    ).toEqual(['眼镜销售（不含隐形眼镜）']);
  });

  it('R8 divides every sampled text into the same parts after writing it again', () => {
    const file = new URL('../../../reference/samples/sample-enterprises.csv', import.meta.url);
    const rows: { business_scope: string }[] = parse(readFileSync(file), {
      bom: true,
      columns: true,
    });
    const coded = rows.map((row) => row.business_scope).filter((text) => text.includes('一般项目'));
    expect(coded.length).toBeGreaterThan(50);
    for (const text of coded) {
      const names = parseScopeText(text).filter((name) => !breaksScopeText(name));
      const entries = names.map((name) => permitEntry('E', { name, ...GENERAL }));
      expect(parseScopeText(renderScopeText(entries))).toEqual(names);
      expect(names.some((name) => name.includes('依法须经批准'))).toBe(false);
    }
  });
});
