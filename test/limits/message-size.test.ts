import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MESSAGE_BYTES } from '../../server/intake/admission.js';
import { validLicence, validRegistration } from '../support/builders.js';
import { failureOf } from '../support/doors.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

/** More than a message may have, in a field that counts as empty: no other rule refuses it. */
const BLANKS = ' '.repeat(MESSAGE_BYTES);

describe('one message', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
  });
  afterAll(() => node.stop());

  it('R49 is refused when it would be too large to be delivered', async () => {
    const record = validLicence({ licName: BLANKS });
    const failure = await failureOf(node.exchange.submitRecord({ record }));
    expect(failure).toMatchObject({
      reason: 'VALIDATION_FAILED',
      findings: [{ code: 'TOO_LONG' }],
    });
    expect(await node.sql('select 1 from messages')).toEqual([]);
  });

  it('R49 is said to be too large by a dry run as well', async () => {
    const record = validLicence({ licName: BLANKS });
    const registration = validRegistration({ catalogVersion: '2019.12-prov', tel: BLANKS });
    for (const answer of [
      await node.exchange.checkRecord({ record }),
      await node.registration.checkRegistration({ registration }),
    ]) {
      expect(answer.acceptable).toBe(false);
      expect(answer.findings).toContainEqual(
        expect.objectContaining({ code: 'TOO_LONG', rule: 'VR10', field: '' }),
      );
    }
    const { acceptable } = await node.exchange.checkRecord({ record: validLicence() });
    expect(acceptable).toBe(true);
  });
});
