import { describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { Arrival, NodeContext } from '../../../server/domain/decision/decision.js';
import { decidePublicityChange, keyOfChange } from '../../../server/domain/decision/publicity.js';
import { World } from '../../../server/domain/decision/world.js';
import { readHead } from '../../../server/domain/message.js';
import { tombstone } from '../../../server/domain/record/record-state.js';
import { validPublicityChange } from '../../support/builders.js';

const UNIT = '330000000M998';
const REPORTED_BY = '330000000M997';
const FROM_CLIENT = {
  side: 'client',
  origin: 'client',
  attribution: undefined,
  revision: 0,
} as const;
// Nothing of the node decides who may change a mark.
const CONTEXT = {} as NodeContext;

/** What changing a mark answers: `done`, or the name of the error. */
function changedBy(sourceOrg: string, arrival: Arrival): string {
  const change = validPublicityChange({}, { envelope: { sourceOrg, recordVersion: 2n } });
  const key = keyOfChange(change);
  if (!key) throw new Error('The change names no record.');
  const held = { ...tombstone(key, undefined, 1, 1, ''), authorityOrg: REPORTED_BY };
  const world = new World({ enterprises: [], records: [{ ...held, state: 'current' }] });
  const message = { kind: MessageKind.PUBLICITY_CHANGE, change } as const;
  try {
    decidePublicityChange(
      change,
      { seq: 2, head: readHead(message), message, arrival },
      CONTEXT,
      world,
    );
    return 'done';
  } catch (error) {
    return error instanceof Error ? (error.message.split(':')[0] ?? '') : '';
  }
}

const owner = validPublicityChange().record?.ownerOrg ?? '';

describe('who may change a mark', () => {
  it.each([
    ['the register says it acts for the authority', UNIT, [UNIT, owner], 'done'],
    ['the authority itself', owner, [owner], 'done'],
    ['it reported the record and acts for it no more', REPORTED_BY, [REPORTED_BY], 'NOT_FOUND'],
    ['no register: the unit that reported it', REPORTED_BY, undefined, 'done'],
    ['no register: another unit', UNIT, undefined, 'NOT_THE_AUTHORITY'],
  ])('D5 VR23 %s', (_, sender, speaksFor, answer) => {
    expect(changedBy(sender, { ...FROM_CLIENT, speaksFor })).toBe(answer);
  });

  it('D5 VR23 what is given back after a restore was judged before', () => {
    expect(changedBy(UNIT, { ...FROM_CLIENT, givenBackBy: '100000' })).toBe('done');
  });
});
