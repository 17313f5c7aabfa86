import type { Message } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MESSAGE_BYTES } from '../../server/intake/admission.js';
import { validLicence, validRegistration } from '../support/builders.js';
import { failureOf } from '../support/doors.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

describe('one message', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
  });
  afterAll(() => node.stop());

  it('R49 is refused when it would be too large to be delivered', async () => {
    const record = tooLarge(validLicence());
    const failure = await failureOf(node.exchange.submitRecord({ record }));
    expect(failure).toMatchObject({
      reason: 'VALIDATION_FAILED',
      findings: [{ code: 'TOO_LONG' }],
    });
    expect(await node.sql('select 1 from messages')).toEqual([]);
  });

  it('R49 is said to be too large by a dry run as well', async () => {
    const record = tooLarge(validLicence());
    const registration = tooLarge(validRegistration({ catalogVersion: '2019.12-prov' }));
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

/** The message with field 99, which the contract has not, of more bytes than a message may have. */
function tooLarge<M extends Message>(message: M): M {
  const length = Buffer.alloc(4);
  // The length as varint before them.
  const size = MESSAGE_BYTES;
  for (const [at, shift] of [0, 7, 14, 21].entries())
    length[at] = ((size >> shift) & 0x7f) | (at < 3 ? 0x80 : 0);
  const data = Buffer.concat([length, Buffer.alloc(size)]);
  message.$unknown = [{ no: 99, wireType: 2, data }];
  return message;
}
