import { HubClientError } from '../clients/hub-client-error.js';
import { catalogueChecks } from './checks/catalogue.js';
import { recordChecks } from './checks/records.js';
import { registrationChecks } from './checks/registrations.js';
import { submissionChecks } from './checks/submissions.js';
import { NotApplicable, Unmet, type Bilingual, type Check, type Services } from './check.js';
import { Subject, type SubjectOptions } from './subject.js';

export { MARK } from './specimens.js';

/** Every check: first those that only read, then those that write, the end of the test enterprise last. */
export const CHECKS: readonly Check[] = [
  ...catalogueChecks,
  ...registrationChecks,
  ...recordChecks,
  ...submissionChecks,
];

/** What became of a check. */
export type Outcome =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed'; readonly expected: Bilingual; readonly seen: string }
  | { readonly outcome: 'not-applicable'; readonly reason: Bilingual };

/** One line of the report. */
export type Finding = Pick<Check, 'requirement' | 'demand'> & {
  readonly writes: boolean;
} & Outcome;

/** How the checks are run. */
export interface RunOptions extends SubjectOptions {
  /** False: what would write is not applicable. */
  readonly allowWrites: boolean;
  /** 0 to 1: chooses the number of the test enterprise. Unset: Math.random. */
  readonly random?: () => number;
}

/** Runs every check, one after the other. Rejects with HubClientError when the node can't be reached. */
export async function examine(services: Services, options: RunOptions): Promise<Finding[]> {
  const { random = Math.random, allowWrites } = options;
  const subject = new Subject(services, options, Math.floor(random() * 100_000));
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    const { requirement, demand, writes = false } = check;
    const outcome = writes && !allowWrites ? UNWANTED : await outcomeOf(check, services, subject);
    findings.push({ requirement, demand, writes, ...outcome });
  }
  return findings;
}

const UNWANTED: Outcome = {
  outcome: 'not-applicable',
  reason: { zh: '会写入测试数据,须 --allow-writes', en: 'writes test data; needs --allow-writes' },
};

/** Who calls may not try it: another token may. */
const FORBIDDEN: readonly string[] = ['NOT_PERMITTED', 'OUT_OF_SCOPE', 'NOT_THE_AUTHORITY'];

async function outcomeOf(check: Check, services: Services, subject: Subject): Promise<Outcome> {
  try {
    await check.run(services, subject);
    return { outcome: 'passed' };
  } catch (error) {
    if (error instanceof NotApplicable) return { outcome: 'not-applicable', reason: error.reason };
    if (error instanceof Unmet)
      return { outcome: 'failed', expected: error.expected, seen: error.seen };
    if (!(error instanceof HubClientError)) throw error;
    return refusedAs(error);
  }
}

function refusedAs(error: HubClientError): Outcome {
  const { reason, codeName, messageZh, messageEn } = error;
  if (codeName === 'UNAVAILABLE' && reason === undefined) throw error;
  if (reason !== undefined && FORBIDDEN.includes(reason))
    return {
      outcome: 'not-applicable',
      reason: {
        zh: `此令牌不可作这一调用(${reason}),请换用相应角色和辖区的令牌,或以 --district 给出其辖区内的区县`,
        en: `this token may not make the call (${reason}); try one of the fitting role and region, or name a county of its own by --district`,
      },
    };
  return {
    outcome: 'failed',
    expected: { zh: '调用成功', en: 'the call succeeds' },
    seen: `${reason ?? codeName}: ${messageZh} · ${messageEn}`,
  };
}
