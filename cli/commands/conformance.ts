import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { Finding } from '../../conformance/run.js';
import { both, ExitCode, type Answer } from '../answer.js';
import { addCommand, type Call, type Group } from '../command.js';
import { tableOf } from '../table.js';
import { option } from '../words.js';

interface ConformanceOptions {
  readonly node?: string;
  readonly district?: string;
  readonly allowWrites?: true;
}

/** `conformance`: what a node does, requirement by requirement of the plan. */
export const conformance: Group = (program) => {
  addCommand<ConformanceOptions>(program, {
    name: 'conformance',
    zh: '符合性检查:逐条要求检查一个节点;不加 --allow-writes 时只读不写',
    en: 'checks a node requirement by requirement; reads only, unless --allow-writes',
    serverAlias: '--target',
    options: [
      option('--node <code>', '节点代码;不填则询问节点', 'its code; the node is asked otherwise'),
      option(
        '--district <code>',
        '测试企业的区县;不填取本省一个',
        'county of the test enterprise; one of the province otherwise',
      ),
      option(
        '--allow-writes',
        '允许写入标明的测试企业和许可,它们会照常发往部门、总局并公示',
        'writes a marked test enterprise and licences, which go to departments, the national node and the public like real ones',
      ),
    ],
    run: check,
  });
};

async function check({ hub, options }: Call<ConformanceOptions>): Promise<Answer> {
  const { node, district, allowWrites = false } = options;
  // The checks bring the reference tables along, which no other command needs.
  const { CHECKS, examine, MARK } = await import('../../conformance/run.js');
  const writing = CHECKS.filter(({ writes }) => writes).length;
  if (allowWrites) warn(hub.server, writing, MARK);
  const services = {
    scopeCatalog: hub.client(ScopeCatalog),
    registration: hub.client(Registration),
    exchange: hub.client(Exchange),
    dataCenter: hub.client(DataCenter),
  };
  return answerOf(await examine(services, { node, district, allowWrites }), hub.server);
}

/** What is about to be written, where people look, whatever else is written there. */
function warn(server: string, writing: number, mark: string): void {
  process.stderr.write(
    `${both(
      `注意:${writing} 项检查将向 ${server} 写入一户名称含“${mark}”的企业及其许可,并在最后注销`,
      `Attention: ${writing} checks write an enterprise marked “${mark}” and its licences to ${server}, and cancel it at the end`,
    )}\n`,
  );
}

const WORDS = {
  passed: both('符合', 'passed'),
  failed: both('不符合', 'FAILED'),
  'not-applicable': both('不适用', 'not applicable'),
} as const;

function answerOf(findings: readonly Finding[], target: string): Answer {
  const count = (outcome: Finding['outcome']): number =>
    findings.filter((one) => one.outcome === outcome).length;
  const tally = {
    passed: count('passed'),
    failed: count('failed'),
    notApplicable: count('not-applicable'),
  };
  const summary = both(
    `符合 ${tally.passed},不符合 ${tally.failed},不适用 ${tally.notApplicable}`,
    `${tally.passed} passed, ${tally.failed} failed, ${tally.notApplicable} not applicable`,
  );
  const rows = findings.map((one) => [
    one.requirement,
    WORDS[one.outcome],
    [`${one.demand.zh}\n${one.demand.en}`, ...detailOf(one)].join('\n'),
  ]);
  return {
    json: { target, ...tally, checks: findings.map(jsonOf) },
    text: `${tableOf(['要求', '结果 result', '内容 what'], rows)}\n\n${summary}`,
    // A node of which nothing could be seen is not one that conforms.
    exitCode: tally.failed === 0 && tally.passed > 0 ? ExitCode.DONE : ExitCode.FOUND,
  };
}

function detailOf(finding: Finding): string[] {
  switch (finding.outcome) {
    case 'passed':
      return [];
    case 'failed':
      return [
        `应为 expected: ${both(finding.expected.zh, finding.expected.en)}`,
        `实为 seen: ${finding.seen}`,
      ];
    case 'not-applicable':
      return [both(finding.reason.zh, finding.reason.en)];
  }
}

function jsonOf(finding: Finding) {
  const { requirement, outcome, writes, demand } = finding;
  const common = { requirement, outcome, writes, demand: { ...demand } };
  if (finding.outcome === 'failed')
    return { ...common, expected: { ...finding.expected }, seen: finding.seen };
  return finding.outcome === 'not-applicable'
    ? { ...common, reason: { ...finding.reason } }
    : common;
}
