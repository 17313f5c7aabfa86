import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MESSAGE_BYTES } from '../../server/intake/admission.js';
import { validLicence } from '../support/builders.js';
import { failureOf } from '../support/doors.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

describe('one message', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
  });
  afterAll(() => node.stop());

  it('R49 is refused when it would be too large to be delivered', async () => {
    const record = validLicence();
    const length = Buffer.alloc(4);
    // Field 99 with bytes that no field of the contract could hold: the length as varint before them.
    const size = MESSAGE_BYTES;
    for (const [at, shift] of [0, 7, 14, 21].entries())
      length[at] = ((size >> shift) & 0x7f) | (at < 3 ? 0x80 : 0);
    const data = Buffer.concat([length, Buffer.alloc(size)]);
    record.$unknown = [{ no: 99, wireType: 2, data }];
    const failure = await failureOf(node.exchange.submitRecord({ record }));
    expect(failure).toMatchObject({
      reason: 'VALIDATION_FAILED',
      findings: [{ code: 'TOO_LONG' }],
    });
    expect(await node.sql('select 1 from messages')).toEqual([]);
  });
});
