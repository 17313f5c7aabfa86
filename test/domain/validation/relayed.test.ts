import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { validateRelayed } from '../../../server/domain/validation/validator.js';
import {
  testCounterpart,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../../support/builders.js';
import { zhejiangContext } from '../../support/validation-context.js';

/** The national node, to which a province passes on; its clock stands a year earlier. */
const national = zhejiangContext({
  node: '100000',
  level: 'national',
  today: '2018-12-20',
  nowMs: Date.UTC(2018, 11, 20),
  strictOrgCode: true,
});

const codes = (...parts: Parameters<typeof validateRelayed>) =>
  validateRelayed(...parts).map(({ code, field }) => `${code} ${field}`);

describe('R18 a message from another node', () => {
  it('is not judged again by this clock, catalogue or node', () => {
    const event = validRegistration({ scopeEntryCodes: ['X1'], regState: '?', entType: '' });
    expect(codes(MessageKind.REGISTRATION, event, national)).toEqual([]);
    expect(codes(MessageKind.LICENCE, validLicence({ licItem: '' }), national)).toEqual([]);
    expect(codes(MessageKind.FILING, validFiling({ filingDate: '' }), national)).toEqual([]);
    expect(codes(MessageKind.INSPECTION, validInspection({ inspType: '9' }), national)).toEqual([]);
    expect(codes(MessageKind.PENALTY, validPenalty({ fineFen: 0n }), national)).toEqual([]);
    expect(codes(MessageKind.PUBLICITY_CHANGE, validPublicityChange(), national)).toEqual([]);
  });

  it('VR1 VR2 VR6 still has to name its enterprise', () => {
    const named = (uscc: string) =>
      codes(MessageKind.REGISTRATION, validRegistration({ uscc }), national);
    expect(named('')).toEqual(['REQUIRED uscc']);
    expect(named('9133')).toEqual(['USCC_FORMAT uscc']);
    expect(named('91350100M000100Y4Y')).toEqual(['USCC_CHECK_DIGIT uscc']);
    expect(named('00000000000000000X')).toEqual(['USCC_CHECK_DIGIT uscc', 'USCC_PLACEHOLDER uscc']);
  });

  it('VR25 a record may name it by its registration number', () => {
    const counterpart = testCounterpart(1, { uscc: '', regNo: '110108000000016' });
    expect(codes(MessageKind.LICENCE, validLicence({ counterpart }), national)).toEqual([]);
    const nobody = testCounterpart(1, { uscc: '' });
    expect(codes(MessageKind.LICENCE, validLicence({ counterpart: nobody }), national)).toEqual([
      'COUNTERPART_UNIDENTIFIED licence.counterpart.uscc',
    ]);
  });

  it('VR3 is never refused for a legacy code, however strict the node', () => {
    const event = validRegistration({ uscc: '91330902MA1K00049W' });
    expect(codes(MessageKind.REGISTRATION, event, national)).not.toContain(
      'USCC_ORG_CODE_STRICT uscc',
    );
  });

  it('needs an envelope with ids', () => {
    const event = validRegistration(
      {},
      { envelope: { messageId: '', sourceNode: '33', sourceOrg: '' } },
    );
    expect(codes(MessageKind.REGISTRATION, event, national)).toEqual([
      'REQUIRED envelope.message_id',
      'CODE_FORMAT envelope.source_node',
      'REQUIRED envelope.source_org',
    ]);
    const { body } = validLicence();
    expect(codes(MessageKind.LICENCE, create(RecordSchema, { body }), national)).toEqual([
      'REQUIRED envelope',
    ]);
  });

  it('VR10 has to be of the kind under which it comes', () => {
    expect(codes(MessageKind.PENALTY, validLicence(), national)).toEqual(['KIND_MISMATCH ']);
    expect(codes(MessageKind.LICENCE, validRegistration(), national)).toEqual(['KIND_MISMATCH ']);
    const empty = create(RecordSchema, { envelope: validLicence().envelope! });
    expect(codes(MessageKind.LICENCE, empty, national)).toEqual(['BODY_REQUIRED body']);
  });

  it('VR23 has to say whose record it is', () => {
    const licence = validLicence({ licAuthorityCode: '' });
    expect(codes(MessageKind.LICENCE, licence, national)).toEqual([
      'REQUIRED licence.lic_authority_code',
    ]);
  });

  it('R18 R52 may have fields of a later contract', () => {
    const extra = { $unknown: [{ no: 99, wireType: 0, data: Uint8Array.of(1) }] };
    const event = Object.assign(validRegistration(), extra);
    expect(codes(MessageKind.REGISTRATION, event, national)).toEqual([]);
    const licence = Object.assign(validLicence(), extra);
    expect(codes(MessageKind.LICENCE, licence, national)).toEqual([]);
    const change = Object.assign(validPublicityChange(), extra);
    expect(codes(MessageKind.PUBLICITY_CHANGE, change, national)).toEqual([]);
  });

  it('R44 a filing with further data is refused at every node', () => {
    const record = validFiling();
    const extra = [{ no: 99, wireType: 0, data: Uint8Array.of(1) }];
    if (record.body.case === 'filing') Object.assign(record.body.value, { $unknown: extra });
    expect(codes(MessageKind.FILING, record, national)).toEqual(['EXTRA_DATA_NOT_ALLOWED filing']);
  });
});
