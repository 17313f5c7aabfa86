import type { LicenceCategory, PenaltyState } from '#gen/zhengzhao/v1/record_pb.js';
import type { Language } from './language.js';
import type { Ending } from './standing.js';
import { en } from './texts/en.js';
import { zh } from './texts/zh.js';

/** Classes of what the time line shows. */
export const KINDS = ['registration', 'licence', 'filing', 'inspection', 'penalty'] as const;
export type Kind = (typeof KINDS)[number];

/** Every text of the pages in one language. */
export interface Words {
  readonly site: string;
  readonly purpose: string;
  readonly otherLanguage: string;
  readonly skip: string;
  readonly publishedBy: string;
  readonly responsibility: string;
  readonly search: {
    readonly label: string;
    readonly hint: string;
    readonly submit: string;
    readonly results: (query: string) => string;
    readonly many: string;
    readonly none: string;
    readonly noneHelp: string;
    readonly next: string;
    readonly first: string;
    readonly columns: readonly string[];
  };
  readonly enterprise: {
    readonly back: string;
    readonly registration: string;
    readonly holds: string;
    readonly holdsNone: string;
    readonly holdsColumns: readonly string[];
    readonly noEnd: string;
    readonly timeline: string;
    readonly all: string;
    readonly empty: string;
    readonly truncated: string;
    readonly newer: string;
    readonly older: string;
    readonly pages: string;
    readonly page: (page: number, pages: number) => string;
    readonly hasEnded: (state: string) => string;
  };
  readonly kinds: Readonly<Record<Kind, string>>;
  readonly current: string;
  readonly upcoming: (from: string) => string;
  readonly done: string;
  readonly until: (day: string) => string;
  readonly since: (day: string) => string;
  readonly expired: (lastDay: string) => string;
  readonly endings: Readonly<Record<Exclude<Ending, 'expired'>, string>>;
  readonly categories: Readonly<Record<LicenceCategory, string>>;
  readonly penaltyStates: Readonly<Record<PenaltyState, string>>;
  readonly fields: Readonly<Record<FieldName, string>>;
  readonly events: Readonly<Record<'established' | 'changed' | 'cancelled', string>>;
  readonly yuan: string;
  readonly longTerm: string;
  readonly notStated: string;
  readonly to: string;
  readonly source: string;
  readonly published: (day: string, node: string) => string;
  readonly notice: Readonly<Record<NoticeName, { readonly title: string; readonly text: string }>>;
  readonly wait: (seconds: number) => string;
  readonly home: string;
}

/** Names of the facts that are shown. */
export type FieldName =
  | 'uscc'
  | 'regNo'
  | 'entName'
  | 'formerNames'
  | 'regState'
  | 'entType'
  | 'lerep'
  | 'regCap'
  | 'estDate'
  | 'apprDate'
  | 'opTerm'
  | 'regOrg'
  | 'dom'
  | 'industry'
  | 'opScope'
  | 'freeTradeZone'
  | 'cancelDate'
  | 'cancelReason'
  | 'altBefore'
  | 'altAfter'
  | 'item'
  | 'document'
  | 'category'
  | 'licenceNo'
  | 'content'
  | 'validity'
  | 'commitment'
  | 'endReason'
  | 'filingNo'
  | 'inspectionType'
  | 'task'
  | 'result'
  | 'resultText'
  | 'disposal'
  | 'relatedLicence'
  | 'decisionNo'
  | 'illegalFact'
  | 'basis'
  | 'penaltyTypes'
  | 'penalty'
  | 'fine'
  | 'forfeit'
  | 'seizedLicence'
  | 'penaltyState'
  | 'publicUntil'
  | 'authority';

/** Pages that only tell something. */
export type NoticeName = 'notFound' | 'noEnterprise' | 'closed' | 'tooMany' | 'away' | 'failed';

/** The texts by language. */
export const WORDS: Readonly<Record<Language, Words>> = { zh, en };
