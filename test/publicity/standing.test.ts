import { describe, expect, it } from 'vitest';
import { LicenceEndKind, LicenceState, PenaltyState } from '#gen/zhengzhao/v1/record_pb.js';
import { preferredLanguage } from '../../server/publicity/language.js';
import { standingOf } from '../../server/publicity/standing.js';
import { validFiling, validInspection, validLicence, validPenalty } from '../support/builders.js';

const DAY = '2021-06-15';

describe('R17 what is current and what has ended', () => {
  it.each([
    ['up to its last day', { valTo: DAY }, { is: 'current', until: DAY }],
    ['not after it', { valTo: '2021-06-14' }, { is: 'ended', how: 'expired', since: '2021-06-14' }],
    ['without an end', { valTo: '', longTerm: true }, { is: 'current', until: '' }],
    ['with a day that means no end', { valTo: '2099-12-31' }, { is: 'current', until: '' }],
    [
      'with a day that fills an empty column',
      { valTo: '1900-01-01' },
      { is: 'current', until: '' },
    ],
    ['with another of them', { valTo: '1899-12-31' }, { is: 'current', until: '' }],
    ['with what is no day at all', { valTo: '0000-00-00' }, { is: 'current', until: '' }],
    [
      'not after a day of long ago',
      { valTo: '1890-05-01' },
      { is: 'ended', how: 'expired', since: '1890-05-01' },
    ],
    [
      'from a first day that nobody stated',
      { valFrom: '9999-09-09', valTo: '9999-09-09' },
      { is: 'current', until: '' },
    ],
    [
      'not once it ended on a day that nobody stated',
      { licState: LicenceState.INVALID, endKind: LicenceEndKind.OTHER, endDate: '1900-01-01' },
      { is: 'ended', how: 'other', since: '' },
    ],
    ['from its first day on', { valFrom: '2021-06-16' }, { is: 'upcoming', from: '2021-06-16' }],
    [
      'not once it was revoked',
      { licState: LicenceState.INVALID, endKind: LicenceEndKind.REVOKED, endDate: '2020-01-02' },
      { is: 'ended', how: 'revoked', since: '2020-01-02' },
    ],
  ] as const)('a licence holds %s', (_, licence, standing) => {
    expect(standingOf(validLicence(licence), DAY)).toEqual(standing);
  });

  it.each([
    ['holds', {}, { is: 'current', until: '' }],
    [
      'ends with its own term',
      { validTo: '2021-01-01' },
      { is: 'ended', how: 'expired', since: '2021-01-01' },
    ],
    [
      'ends when it is annulled',
      { state: PenaltyState.ANNULLED },
      { is: 'ended', how: 'annulled', since: '' },
    ],
  ] as const)('a penalty %s', (_, penalty, standing) => {
    expect(standingOf(validPenalty(penalty), DAY)).toEqual(standing);
  });

  it('a filing holds, and an inspection is done', () => {
    expect(standingOf(validFiling(), DAY)).toEqual({ is: 'current', until: '' });
    expect(standingOf(validInspection(), DAY)).toEqual({ is: 'done' });
  });
});

describe('the language of whoever states none', () => {
  it.each([
    [undefined, 'zh'],
    ['', 'zh'],
    ['*', 'zh'],
    ['fr,de;q=0.5', 'zh'],
    ['en', 'en'],
    ['en-GB,en;q=0.9,zh;q=0.8', 'en'],
    ['en;q=0.5, zh-TW', 'zh'],
    ['zh;q=0,en;q=0.1', 'en'],
    ['en;q=nonsense', 'zh'],
  ] as const)('%s means %s', (header, language) => {
    expect(preferredLanguage(header)).toBe(language);
  });
});
