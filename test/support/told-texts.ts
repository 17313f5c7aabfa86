import {
  LicenceCategory,
  LicenceEndKind,
  LicenceState,
  type Record,
} from '#gen/zhengzhao/v1/record_pb.js';
import {
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  type RecordOptions,
} from './builders.js';

/** Classes of records by the names of their bodies. */
export const CLASSES = ['licence', 'filing', 'inspection', 'penalty'] as const;
export type RecordClass = (typeof CLASSES)[number];

/** What records of `withTexts` are told apart by. */
export interface Told {
  readonly businessKey: string;
  /** Stands in every free text of the record. */
  readonly text: string;
  /** Number of a licence: a licence has it, an inspection and a penalty cite it. */
  readonly licenceNo: string;
}

/** A record of a class that has a text in each of its fields that may hold words. */
export function withTexts(
  kind: RecordClass,
  { businessKey, text, licenceNo }: Told,
  options: RecordOptions,
): Record {
  const own = {
    ...options,
    envelope: { ...options.envelope, dataSourceOrgName: text },
  };
  switch (kind) {
    case 'licence':
      return validLicence(
        {
          licId: businessKey,
          licDocName: text,
          licDocNo: `${text}D7`,
          licCategory: LicenceCategory.OTHER,
          licCategoryNote: text,
          licName: text,
          licNo: licenceNo,
          licItem: text,
          licAuthorityName: text,
          licState: LicenceState.INVALID,
          endKind: LicenceEndKind.OTHER,
          endDate: '2019-12-19',
          endReason: text,
          changes: [{ altItem: text, altBe: `${text}B`, altAf: text, altDate: '2019-12-18' }],
        },
        own,
      );
    case 'filing':
      return validFiling({ filingId: businessKey, filingNo: text, filingAuthorityName: text }, own);
    case 'inspection':
      return validInspection(
        {
          inspId: businessKey,
          inspAuthorityName: text,
          taskNo: text,
          taskName: text,
          resultText: text,
          relatedLicenceNo: licenceNo,
        },
        own,
      );
    case 'penalty':
      return validPenalty(
        {
          caseId: businessKey,
          lerep: text,
          penDecNo: text,
          illegalActType: text,
          illegalFact: text,
          basis: text,
          penTypes: ['3', '5'],
          penContent: text,
          fineFen: 0n,
          forfeitGoods: text,
          licenceNameNo: `${text} ${licenceNo}`,
          publicityTo: '',
          authorityName: text,
          relatedLicenceNo: licenceNo,
        },
        own,
      );
  }
}
