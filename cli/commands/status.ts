import { toJson } from '@bufbuild/protobuf';
import {
  DataCenter,
  GetNodeStatusResponseSchema,
  type GetNodeStatusResponse,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import { inBoth } from '../../server/domain/errors.js';
import type { Answer } from '../answer.js';
import { addCommand, type Call, type Group } from '../command.js';
import { factsOf, tableOf } from '../table.js';
import { timeOf } from '../words.js';

/** `status`: what a node is, its backlog, links and catalogue. */
export const status: Group = (program) => {
  addCommand<object>(program, {
    name: 'status',
    zh: '节点状态:积压、链路、目录版本',
    en: 'state of the node: backlog, links, catalogue releases',
    run: showStatus,
  });
};

async function showStatus({ hub }: Call<object>): Promise<Answer> {
  const answer = await hub.client(DataCenter).getNodeStatus({});
  return {
    json: toJson(GetNodeStatusResponseSchema, answer),
    text: [factsOfNode(answer), linksOf(answer), releasesOf(answer), dailyOf(answer)]
      .filter((part) => part !== '')
      .join('\n\n'),
  };
}

function factsOfNode(answer: GetNodeStatusResponse): string {
  return factsOf([
    ['节点 node', `${answer.node} ${answer.name} (${answer.level})`],
    ['版本 version', answer.version],
    ['队列 queue', answer.queueBackend],
    ['启动 started', timeOf(answer.startedAt)],
    ['积压 backlog', `${answer.backlog} / ${answer.backlogLimit}`],
    ['待记名 unattributed', String(answer.unattributed)],
    ['目录落后 catalogue lag', answer.catalogLag < 0 ? '?' : String(answer.catalogLag)],
    ...answer.yearsWithoutHolidays.map((year): [string, string] => [
      '放假安排 days off',
      `${year} 未知,请补充 HUB_HOLIDAYS_FILE 或更新程序 · not known, add to HUB_HOLIDAYS_FILE or update the program`,
    ]),
  ]);
}

function dailyOf({ dailyTasks }: GetNodeStatusResponse): string {
  return tableOf(
    [
      '每日任务 daily task',
      '最近成功 last success',
      '下次 next',
      '最近失败 last failure',
      '原因 reason',
    ],
    dailyTasks.map((task) => [
      task.name,
      timeOf(task.succeededAt),
      timeOf(task.nextRunAt),
      timeOf(task.failedAt),
      inBoth({ zh: task.failureZh, en: task.failureEn }),
    ]),
  );
}

function linksOf({ links }: GetNodeStatusResponse): string {
  return tableOf(
    [
      '去向 destination',
      '待投递 open',
      '死信 dead',
      '每分 a minute',
      '最早 oldest open',
      '最近成功 last success',
    ],
    links.map((link) => [
      link.destination,
      String(link.open),
      String(link.dead),
      String(link.acknowledgedLastMinute),
      timeOf(link.oldestOpenAt),
      timeOf(link.lastAcknowledgedAt),
    ]),
  );
}

function releasesOf({ catalogVersions }: GetNodeStatusResponse): string {
  return tableOf(
    ['目录 catalogue', '层 layer', '生效 from', '标题 title', ''],
    catalogVersions.map(({ version, layer, effectiveFrom, titleZh, provisional }) => [
      version,
      layer,
      effectiveFrom,
      titleZh,
      provisional ? '暂用 provisional' : '',
    ]),
  );
}
