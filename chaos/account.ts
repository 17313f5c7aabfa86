import type { Verdict } from './oracle/verdict.js';
import type { Outcome } from './run.js';

const SHOWN = 8;

const TITLES: readonly (readonly [keyof Verdict, string])[] = [
  ['lost', '丢失 lost'],
  ['appliedTwice', '重复生效 applied twice'],
  ['outOfOrder', '顺序错误 out of order'],
  ['leaked', '不公示信息外泄 leaked'],
  ['badReceipts', '回执不符 bad receipts'],
  ['brokenChains', '审计链断裂 broken chains'],
];

/** The figures as one JSON object. */
export function figuresOf({ seed, seconds, correspondence, mischief, verdict }: Outcome) {
  return {
    messages: correspondence.accepted,
    receipts: correspondence.told.length,
    kills: mischief.kills,
    faults: Object.fromEntries([...mischief.faults].sort()),
    retries: Object.fromEntries([...correspondence.passing].sort()),
    lost: verdict.lost.length,
    applied_twice: verdict.appliedTwice.length,
    out_of_order: verdict.outOfOrder.length,
    leaked: verdict.leaked.length,
    bad_receipts: verdict.badReceipts.length,
    broken_chains: verdict.brokenChains.length,
    seconds: Math.round(seconds),
    seed,
  };
}

/** The same for people, with the first findings of each kind. */
export function accountOf(outcome: Outcome): string {
  const { verdict, seed } = outcome;
  const figures = figuresOf(outcome);
  const counts = (of: Readonly<Record<string, number>>): string =>
    Object.entries(of)
      .map(([name, count]) => `${name} ${count}`)
      .join(' · ');
  return [
    `种子 seed                        ${seed}`,
    `时长 seconds                     ${figures.seconds}`,
    `消息 messages                    ${figures.messages}(回执 receipts ${figures.receipts})`,
    `杀死 kills                       ${figures.kills}`,
    `故障 faults                      ${counts(figures.faults)}`,
    `重试原因 tried again because of  ${counts(figures.retries)}`,
    ...TITLES.flatMap(([key, title]) => [
      `${title}  ${verdict[key].length}`,
      ...verdict[key].slice(0, SHOWN).map((finding) => `    ${finding}`),
    ]),
    '',
  ].join('\n');
}
