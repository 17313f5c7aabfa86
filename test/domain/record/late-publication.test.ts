import { describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { Record as RecordMessage } from '#gen/zhengzhao/v1/record_pb.js';
import {
  latePublicationFindings,
  type Publication,
} from '../../../server/domain/record/late-publication.js';
import { tombstone, type RecordState } from '../../../server/domain/record/record-state.js';
import { validLicence } from '../../support/builders.js';

const key = {
  kind: MessageKind.LICENCE,
  ownerOrg: '11330900MB0L10001X',
  businessKey: 'LIC-1',
} as const;
const shown: RecordState = {
  ...tombstone(key, undefined, 0, 1, '330000'),
  state: 'current',
  nonPublic: false,
  publishedAtMs: 1,
};
const waiting: RecordState = { ...shown, publishedAtMs: undefined };

interface Moment {
  readonly on: string;
  readonly holidays?: readonly string[];
  readonly level?: 'national' | 'provincial';
}

/** Codes found of a licence that was decided on 2019-12-18, a Wednesday. */
function found(
  { on, holidays = [], level = 'national' }: Moment,
  publication: Partial<Publication> = {},
  record: RecordMessage = validLicence(),
): string[] {
  const setting = {
    level,
    nowMs: Date.parse(`${on}T12:00:00+08:00`),
    isHoliday: (date: string) => holidays.includes(date),
  };
  const about = { before: undefined, after: shown, ...publication };
  return latePublicationFindings(record, about, setting).map(({ code }) => code);
}

describe('a record that the national node publishes late', () => {
  it('VR31 is late on the twenty-first working day after the decision', () => {
    expect(found({ on: '2020-01-15' })).toEqual([]);
    expect(found({ on: '2020-01-16' })).toEqual(['PUBLISHED_LATE']);
    expect(found({ on: '2020-01-16', level: 'provincial' })).toEqual([]);
  });

  it('VR31 does not count the days off', () => {
    expect(found({ on: '2020-01-16', holidays: ['2020-01-01'] })).toEqual([]);
    expect(found({ on: '2020-01-17', holidays: ['2020-01-01'] })).toEqual(['PUBLISHED_LATE']);
  });

  it('VR31 says it when the record becomes public, once', () => {
    const on = '2020-03-02';
    expect(found({ on }, { after: waiting })).toEqual([]);
    expect(found({ on }, { before: waiting })).toEqual(['PUBLISHED_LATE']);
    expect(found({ on }, { before: shown })).toEqual([]);
    expect(found({ on }, { sentAgain: true })).toEqual([]);
  });

  it('VR31 R55 says nothing of what was not public before', () => {
    const on = '2020-03-02';
    expect(found({ on }, { before: { ...waiting, nonPublic: true } })).toEqual([]);
    expect(found({ on }, { after: { ...shown, publicityRevision: 7 } })).toEqual([]);
  });

  it('VR9 VR31 says nothing without a day on which it was formed', () => {
    for (const decisionDate of ['', '1900-01-01', '2019-12-99'])
      expect(found({ on: '2020-03-02' }, {}, validLicence({ decisionDate }))).toEqual([]);
  });

  it('VR31 looks no further than it must, however old the record is', () => {
    const asked = new Set<string>();
    const isHoliday = (date: string): boolean => {
      asked.add(date);
      return false;
    };
    const nowMs = Date.parse('2029-12-18T12:00:00+08:00');
    const publication = { before: undefined, after: shown };
    const setting = { level: 'national', nowMs, isHoliday } as const;
    expect(latePublicationFindings(validLicence(), publication, setting)).toHaveLength(1);
    expect(asked.size).toBe(21);
  });
});
