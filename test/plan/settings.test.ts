import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Severity } from '#gen/zhengzhao/v1/common_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { orgCodeCheckDigit } from '../../server/domain/identifiers/org-code.js';
import { usccCheckDigit } from '../../server/domain/identifiers/uscc.js';
import { validRegistration } from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';
import { tickedRegistration } from '../support/ticked.js';

/** 餐饮服务: a permit of 市场监督管理局. */
const FOOD = 'PA0015';

let usual: TestNode;
let extended: TestNode;
beforeAll(async () => {
  [usual, extended] = await Promise.all([
    startTestNode({ HUB_REGION: '330000' }),
    startTestNode({
      HUB_REGION: '330000',
      HUB_PILOT_EVERYWHERE: 'true',
      HUB_STRICT_ORG_CODE: 'true',
    }),
  ]);
});
afterAll(async () => {
  await Promise.all([usual.stop(), extended.stop()]);
});

/** Severity and field of what a node finds under a code; empty: nothing. */
async function found(node: TestNode, registration: RegistrationEvent, codes: readonly string[]) {
  const { findings } = await node.registration.checkRegistration({ registration });
  return findings
    .filter(({ code }) => codes.includes(code))
    .map(({ rule, severity, field }) => [rule, Severity[severity], field]);
}

describe('what a province may decide for itself', () => {
  it('R21 extends the pilot beyond the zones: the mark that ResolveScope asks for is the mark that is taken', async () => {
    const ticks = { codes: [FOOD], zone: false };
    const unmarked = await tickedRegistration(usual.catalog, ticks);
    const marked = await tickedRegistration(extended.catalog, ticks);
    expect([unmarked.licenseSeparationFlag, marked.licenseSeparationFlag]).toEqual([false, true]);
    const codes = ['FLAG_OUTSIDE_ZONE'];
    expect(await found(usual, marked, codes)).toEqual([
      ['R21', 'ERROR', 'license_separation_flag'],
    ]);
    await expect(
      usual.registration.submitRegistration({ registration: marked }),
    ).rejects.toMatchObject({ reason: 'VALIDATION_FAILED' });
    expect(await found(usual, unmarked, codes)).toEqual([]);
    await extended.registration.submitRegistration({ registration: marked });
    const inside = await tickedRegistration(usual.catalog, { codes: [FOOD] });
    expect(inside.licenseSeparationFlag).toBe(true);
    expect(await found(usual, inside, codes)).toEqual([]);
  });

  it('VR3 takes a wrong check character of the organisation code as an error, or as a warning', async () => {
    const body = 'MA200001';
    const wrong = orgCodeCheckDigit(body) === '0' ? '1' : '0';
    const first17 = `91330902${body}${wrong}`;
    const uscc = first17 + (usccCheckDigit(first17) ?? '');
    const registration = validRegistration({ catalogVersion: '2019.12-prov', uscc });
    const codes = ['USCC_ORG_CODE', 'USCC_ORG_CODE_STRICT'];
    expect(await found(usual, registration, codes)).toEqual([['VR3', 'WARNING', 'uscc']]);
    expect(await found(extended, registration, codes)).toEqual([['VR3', 'ERROR', 'uscc']]);
  });
});
