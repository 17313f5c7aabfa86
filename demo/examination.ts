import type { GetMessageResponse } from '#gen/zhengzhao/v1/exchange_pb.js';
import { checkDisclosure, type DisclosureCheck } from './disclosure.js';
import type { Figures } from './figures.js';
import { missingSteps, readLifeLine } from './life-line.js';
import { NATIONAL, type Network } from './nodes.js';
import { reconcile, type Reconciled } from './reconciliation.js';
import { today } from './record-forms.js';
import { searchNational, type Search } from './secrets.js';
import { readSharedLibrary, type SharedReading } from './shared-library.js';
import { settledFigures } from './settling.js';
import type { Story } from './story.js';

/** What the nodes answered once everything had been sent, and everything that is off. */
export interface Examination {
  readonly figures: Figures;
  readonly checked: number;
  readonly search: Search;
  readonly disclosure: DisclosureCheck;
  readonly links: readonly Reconciled[];
  readonly shared: SharedReading;
  /** Life lines of the star's registration and of its licence, asked at its province. */
  readonly registrationLine: GetMessageResponse;
  readonly licenceLine: GetMessageResponse;
  readonly problems: readonly string[];
}

/** Asks the nodes, and the national node's tables, for everything that the account tells. */
export async function examine(
  network: Network,
  story: Story,
  fromDate: string,
): Promise<Examination> {
  const expected = story.expectations.figures;
  const { figures, differences } = await settledFigures(network, fromDate, expected);
  const disclosure = await checkDisclosure(network, story.records);
  const links = await reconcile(network, fromDate, today());
  const shared = await readSharedLibrary(network, story);
  const search = await searchNational(network, story.hidden);
  const { star } = story.cast;
  const asked = network.of(star.province);
  const registrationLine = await readLifeLine(asked, star.event.envelope);
  const licenceLine = await readLifeLine(asked, story.star.record.envelope);
  const missing = missingSteps(licenceLine, [NATIONAL, star.province]);
  return {
    figures,
    checked: expected.keys.length,
    search,
    disclosure,
    links,
    shared,
    registrationLine,
    licenceLine,
    problems: [
      ...story.sender.surprises,
      ...differences.map(
        ({ figure, expected: wanted, actual }) =>
          `${figure}: 应为 expected ${wanted}, 实为 actual ${actual}`,
      ),
      ...disclosure.problems.map((problem) => `公示 disclosure: ${problem}`),
      ...links
        .filter(({ agrees }) => !agrees)
        .map(({ link }) => `对账不符 reconciliation differs: ${link}`),
      ...(shared.agrees ? [] : ['共享库与服务接口不一致 the shared library differs from the RPC']),
      ...(shared.confined ? [] : ['业务系统账号可读节点内部表 a business system reads the tables']),
      ...search.found.map((place) => `泄漏 leak: ${place}`),
      ...search.notFoundAtHome.map((text) => `查找无效 the search does not find ${text} at home`),
      ...missing.map((step) => `生命线缺 life line lacks: ${step}`),
    ],
  };
}
