import { create, toJson } from '@bufbuild/protobuf';
import { MessageKindSchema } from '#gen/zhengzhao/v1/common_pb.js';
import {
  DataCenter,
  GetExchangeReportResponseSchema,
  type GetExchangeReportResponse,
  type ReceivingDepartmentDay,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import { ReturnReasonSchema } from '#gen/zhengzhao/v1/package_pb.js';
import { both, ExitCode, type Answer } from '../answer.js';
import { addCommand, type Call, type Group } from '../command.js';
import { moreOf, pageOptions, readPages, type PageOptions } from '../paging.js';
import { factsOf, listOf, tableOf } from '../table.js';
import { nameOf, option } from '../words.js';

interface ReportOptions extends PageOptions {
  readonly from?: string;
  readonly to?: string;
  readonly dept?: string;
}

/** `report`: what came, what each department was told, and what was refused, on some days. */
export const report: Group = (program) => {
  addCommand<ReportOptions>(program, {
    name: 'report',
    zh: '交换报表:来报、退回、各接收部门逐日情况',
    en: 'exchange report: what came, was refused, and what each department got day by day',
    options: [
      option('--from <date>', '起始日期 YYYY-MM-DD,默认今天', 'first day; today by default'),
      option('--to <date>', '截止日期,默认今天', 'last day; today by default'),
      option('--dept <code>', '只看一个接收部门', 'one receiving department only'),
      ...pageOptions(),
    ],
    run: showReport,
  });
};

async function showReport({ hub, options }: Call<ReportOptions>): Promise<Answer> {
  const client = hub.client(DataCenter);
  const { from: fromDate = '', to: toDate = '', dept: receivingDeptCode = '' } = options;
  const answers: GetExchangeReportResponse[] = [];
  const pages = await readPages(options, 1_000, async (page) => {
    const answer = await client.getExchangeReport({ fromDate, toDate, receivingDeptCode, ...page });
    answers.push(answer);
    return { entries: answer.departments, nextPageToken: answer.nextPageToken };
  });
  const whole: GetExchangeReportResponse = {
    ...create(GetExchangeReportResponseSchema),
    ...answers[0],
    departments: [...pages.entries],
    nextPageToken: pages.nextPageToken,
  };
  const about = [factsOfReport(whole), intakeOf(whole), lateOf(whole), refusalsOf(whole)];
  const parts = receivingDeptCode === '' && !options.pageToken ? about : [];
  return {
    json: toJson(GetExchangeReportResponseSchema, whole),
    text: [...parts, departmentsOf(whole.departments) + moreOf(pages), defectsOf(whole)]
      .filter((part) => part !== '')
      .join('\n\n'),
    exitCode: whole.nonPublicGoneUp === 0n ? ExitCode.DONE : ExitCode.FOUND,
  };
}

function factsOfReport({ node, nonPublicGoneUp, silentSenders }: GetExchangeReportResponse) {
  const alarm = nonPublicGoneUp === 0n ? '' : ` ${both('报警', 'ALARM')}`;
  return factsOf([
    ['节点 node', node],
    ['不公示外泄 not public gone up', `${nonPublicGoneUp}${alarm}`],
    ['静默来源 silent senders', silentSenders.map(({ sourceOrg }) => sourceOrg).join(', ')],
  ]);
}

function intakeOf({ intake }: GetExchangeReportResponse): string {
  return tableOf(
    ['类别 kind', '来源 origin', '受理 accepted', '记名 named', '待记名 waiting', '公示 published'],
    intake.map(({ kind, origin, accepted, named, waiting, published }) => [
      nameOf(MessageKindSchema, kind),
      origin,
      ...[accepted, named, waiting, published].map(String),
    ]),
  );
}

/** What the national node published late, by province (VR31); nothing at a province. */
function lateOf({ latePublications }: GetExchangeReportResponse): string {
  if (latePublications.length === 0) return '';
  return tableOf(
    ['超期公示 published late', '类别 kind', '数量 count'],
    latePublications.map(({ province, kind, count }) => [
      province,
      nameOf(MessageKindSchema, kind),
      String(count),
    ]),
  );
}

function refusalsOf({ refusals }: GetExchangeReportResponse): string {
  return tableOf(
    ['退回 refused', '规则 rule', '数量 count'],
    refusals.map(({ reason, rule, count }) => [reason, rule, String(count)]),
  );
}

const DEPARTMENT_COLUMNS: readonly (readonly [
  head: string,
  count: (day: ReceivingDepartmentDay) => bigint,
])[] = [
  ['分派 packages', (day) => day.packages],
  ['消息 messages', (day) => day.messages],
  ['发出 sent', (day) => day.sent],
  ['送达 delivered', (day) => day.deemedDelivered],
  ['接收 received', (day) => day.received],
  ['认领 claimed', (day) => day.claimed],
  ['退回 returned', (day) => day.returned],
  ['重派 reassigned', (day) => day.reassigned],
  ['终止 ended', (day) => day.terminated],
  ['失败 failed', (day) => day.failed],
  ['超期 late', (day) => day.late],
];

function departmentsOf(days: readonly ReceivingDepartmentDay[]): string {
  return listOf(
    ['日期 day', '接收部门 department', '', ...DEPARTMENT_COLUMNS.map(([head]) => head)],
    days.map((day) => [
      day.date,
      day.receivingDeptCode,
      day.receivingDeptName,
      ...DEPARTMENT_COLUMNS.map(([, count]) => String(count(day))),
    ]),
  );
}

function defectsOf({ mappingDefects }: GetExchangeReportResponse): string {
  return tableOf(
    ['映射缺陷 defect', '条目 entries', '退回部门 returned by', '原因 reason', '数量 count'],
    mappingDefects.map((one) => [
      `${one.permitItemCode} ${one.permitItemName}`,
      one.scopeEntryCodes.join(', '),
      one.receivingDeptCode,
      nameOf(ReturnReasonSchema, one.returnReason),
      String(one.count),
    ]),
  );
}
