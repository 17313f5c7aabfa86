import { toJson } from '@bufbuild/protobuf';
import { MessageKindSchema, NamingStateSchema } from '#gen/zhengzhao/v1/common_pb.js';
import {
  DataCenter,
  ResolveUnattributedResponseSchema,
  UnattributedReasonSchema,
  UnattributedRecordSchema,
  type UnattributedRecord,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import { UsageError, type Answer } from '../answer.js';
import { addCommand, addGroup, type Call, type Group } from '../command.js';
import { destinationsTable } from '../destinations.js';
import { moreOf, pageOptions, readPages, type PageOptions } from '../paging.js';
import { factsOf, listOf } from '../table.js';
import { choiceOption, nameOf, numberOf, option, timeOf } from '../words.js';

interface ListOptions extends PageOptions {
  readonly reason?: string;
}
interface ResolveOptions {
  readonly sourceNode: string;
  readonly by: string;
  readonly uscc?: string;
  readonly sendBack?: string;
}

/** `worklist`: records that wait for a person to say whose they are (R29). */
export const worklist: Group = (program) => {
  const group = addGroup(program, {
    name: 'worklist',
    zh: '未记名清单',
    en: 'records without an enterprise',
  });
  addCommand<ListOptions>(group, {
    name: 'list',
    zh: '列出未记名记录及候选企业',
    en: 'lists records that could not be attributed, with candidates',
    options: [
      choiceOption('--reason <reason>', UnattributedReasonSchema, '未记名原因', 'why they wait'),
      ...pageOptions(),
    ],
    run: listWaiting,
  });
  addCommand<ResolveOptions>(group, {
    name: 'resolve',
    zh: '记名处理:记于企业,或退回',
    en: 'attributes a record to an enterprise, or sends it back',
    arguments: [{ name: '<message-id>', zh: '消息编号', en: 'id of the message' }],
    options: [
      option(
        '--source-node <code>',
        '数据汇总单位',
        'source node of the message',
      ).makeOptionMandatory(),
      option(
        '--uscc <code>',
        '记于该企业',
        'credit code of the enterprise it belongs to',
      ).conflicts('sendBack'),
      option('--send-back <reason>', '退回理由', 'why it is sent back'),
      option('--by <name>', '操作人', 'who decides').makeOptionMandatory(),
    ],
    run: resolve,
  });
};

async function listWaiting({ hub, options }: Call<ListOptions>): Promise<Answer> {
  const client = hub.client(DataCenter);
  const reason = numberOf(UnattributedReasonSchema, options.reason);
  const pages = await readPages(options, 200, async (page) => {
    const answer = await client.listUnattributed({ reason, ...page });
    return { entries: answer.records, nextPageToken: answer.nextPageToken };
  });
  return {
    json: {
      records: pages.entries.map((one) => toJson(UnattributedRecordSchema, one)),
      nextPageToken: pages.nextPageToken,
    },
    text: waitingTable(pages.entries) + moreOf(pages),
  };
}

function waitingTable(records: readonly UnattributedRecord[]): string {
  return listOf(
    ['消息 message', '来源 source', '类别 kind', '起始 since', '原因 why', '候选 candidates'],
    records.map((one) => [
      one.messageId,
      one.sourceNode,
      nameOf(MessageKindSchema, one.kind),
      timeOf(one.waitingSince),
      `${one.reasonZh}\n${one.reasonEn}`,
      one.candidates.map(({ uscc, entName }) => `${uscc} ${entName}`).join('\n'),
    ]),
  );
}

async function resolve({ hub, args, options }: Call<ResolveOptions>): Promise<Answer> {
  const answer = await hub.client(DataCenter).resolveUnattributed({
    messageId: args[0] ?? '',
    sourceNode: options.sourceNode,
    resolution: resolutionOf(options),
    resolvedBy: options.by,
  });
  const state = factsOf([['记名 naming', nameOf(NamingStateSchema, answer.namingState)]]);
  return {
    json: toJson(ResolveUnattributedResponseSchema, answer),
    text: [state, destinationsTable(answer.destinations)]
      .filter((part) => part !== '')
      .join('\n\n'),
  };
}

function resolutionOf({ uscc, sendBack }: ResolveOptions) {
  if (uscc !== undefined) return { case: 'attributeToUscc', value: uscc } as const;
  if (sendBack !== undefined) return { case: 'sendBackReason', value: sendBack } as const;
  throw new UsageError('请给出 --uscc 或 --send-back。', 'Give --uscc or --send-back.');
}
