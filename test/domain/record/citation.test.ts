import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cites,
  endingOf,
  endingsIn,
  normaliseNumber,
} from '../../../server/domain/record/citation.js';

const LICENCE = 'JY3330902000004';
const DOCUMENT = '浙密许〔2019〕77号';

/** Whether the number is cited, and is also found by the endings of the text. */
function found(text: string, number: string): boolean {
  const cited = cites(text, [number]);
  const byEnding = endingsIn(text).includes(endingOf(normaliseNumber(number)));
  if (cited) expect(byEnding, `${text} by the ending of ${number}`).toBe(true);
  return cited;
}

describe('a citation of a licence', () => {
  it.each([
    [LICENCE, LICENCE],
    [`食品经营许可证 ${LICENCE}`, LICENCE],
    [`食品经营许可证${LICENCE}`, LICENCE],
    [`食品经营许可证（${LICENCE}）`, LICENCE],
    [`${LICENCE}、JY3330902000005`, LICENCE],
    [`JY3330902000005/${LICENCE}。`, LICENCE],
    ['jy3330902000004', LICENCE],
    ['ＪＹ３３３０９０２０００００４', LICENCE],
    ['JY 3330902 000004', LICENCE],
    ['JY\u00a03330902\u200b000004', LICENCE],
    [DOCUMENT, DOCUMENT],
    ['浙密许[2019]77号', DOCUMENT],
    ['浙密许（2019）77号', DOCUMENT],
    ['浙密许【２０１９】７７号', DOCUMENT],
    ['浙密许 〔2019〕 77 号', DOCUMENT],
    [`食品经营许可证${DOCUMENT}`, DOCUMENT],
    [`依据${DOCUMENT}、${LICENCE}`, DOCUMENT],
    ['粤食许〔二〇一九〕七号', '粤食许〔二〇一九〕七号'],
    ['AB–2019—0012', 'AB-2019-0012'],
    ['许可证 1', '1'],
    ['1', '1'],
    ['编号：12、13', '12'],
  ])('D5 is found in %s', (text, number) => {
    expect(found(text, number)).toBe(true);
    // However the licence itself was spelled.
    expect(found(text, `${number} `.toLowerCase())).toBe(true);
  });

  it.each([
    [`${LICENCE}1`, LICENCE],
    [`1${LICENCE}`, LICENCE],
    ['JY3330902000004', '1'],
    ['浙市监许〔2019〕1号', '1'],
    ['浙市监许〔2019〕1号', '1号'],
    ['JY-1', '1'],
    ['', '1'],
    ['无', '无'],
    ['12', '1'],
  ])('D5 is none where another number contains it: %s', (text, number) => {
    expect(found(text, number)).toBe(false);
  });

  it('D5 is found by its ending, whatever stands around it and however it is spelled', () => {
    const part = fc.stringMatching(/^[A-Z0-9〔〕号食字\-]{1,12}$/);
    const around = fc.stringMatching(/^[食品许可证（）:、 0-9a-z]{0,12}$/);
    fc.assert(
      fc.property(part, around, around, fc.boolean(), (number, before, after, wide) => {
        const spelled = wide
          ? number.replace(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0))
          : [...number.toLowerCase()].join(' ');
        found(before + spelled + after, number);
        if (normaliseNumber(number) !== '')
          expect(found(`${before} ${number}、${after}`, number)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('D5 is looked for in no more places than the text has characters', () => {
    const hostile = 'A中1国'.repeat(50);
    expect(endingsIn(hostile).length).toBeLessThanOrEqual(hostile.length);
  });
});
