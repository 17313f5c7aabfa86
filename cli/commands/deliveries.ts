import { toJson } from '@bufbuild/protobuf';
import { MessageKindSchema } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReasonSchema } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  DeliveryInfoSchema,
  DeliveryStateSchema,
  Exchange,
  RetryDeliveriesResponseSchema,
  type DeliveryInfo,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { UsageError, type Answer } from '../answer.js';
import { addCommand, addGroup, type Call, type Group } from '../command.js';
import { countOf, moreOf, pageOptions, readPages, type PageOptions } from '../paging.js';
import { factsOf, listOf } from '../table.js';
import { choiceOption, nameOf, numberOf, option, timeOf } from '../words.js';

interface ListOptions extends PageOptions {
  readonly destination?: string;
  readonly state?: string;
  readonly messageId?: string;
}

interface RetryOptions {
  readonly by: string;
  readonly reason?: string;
  readonly destination?: string;
  readonly limit?: number;
}

/** `deliveries`: what waits for other nodes, and opening dead letters again. */
export const deliveries: Group = (program) => {
  const group = addGroup(program, {
    name: 'deliveries',
    zh: '节点间投递',
    en: 'deliveries to nodes',
  });
  const destination = option('--destination <code>', '去向节点', 'node it goes to');
  addCommand<ListOptions>(group, {
    name: 'list',
    zh: '列出投递,最早的在前',
    en: 'lists deliveries, oldest first',
    options: [
      destination,
      choiceOption('--state <state>', DeliveryStateSchema, '投递状态', 'state'),
      option('--message-id <id>', '消息编号', 'id of the message'),
      ...pageOptions(),
    ],
    run: listDeliveries,
  });
  addCommand<RetryOptions>(group, {
    name: 'retry',
    zh: '重新投递:按编号,或某一去向的全部死信',
    en: 'opens deliveries again: by id, or all dead letters of a destination',
    arguments: [{ name: '[delivery-id...]', zh: '投递编号,最多 500', en: 'ids, at most 500' }],
    options: [
      destination,
      option('--limit <count>', '最多重开条数', 'opened at most').argParser(countOf),
      option('--by <name>', '操作人', 'who does it').makeOptionMandatory(),
      option('--reason <text>', '理由,记入审计', 'why, for the audit'),
    ],
    run: retryDeliveries,
  });
};

async function listDeliveries({ hub, options }: Call<ListOptions>): Promise<Answer> {
  const client = hub.client(Exchange);
  const { destination = '', messageId = '' } = options;
  const state = numberOf(DeliveryStateSchema, options.state);
  const pages = await readPages(options, 500, async (page) => {
    const answer = await client.listDeliveries({ destination, messageId, state, ...page });
    return { entries: answer.deliveries, nextPageToken: answer.nextPageToken };
  });
  return {
    json: {
      deliveries: pages.entries.map((one) => toJson(DeliveryInfoSchema, one)),
      nextPageToken: pages.nextPageToken,
    },
    text: deliveriesTable(pages.entries) + moreOf(pages),
  };
}

function deliveriesTable(entries: readonly DeliveryInfo[]): string {
  return listOf(
    [
      '编号 id',
      '消息 message',
      '类别',
      '去向 to',
      '状态 state',
      '次数',
      '下次 next',
      '原因 reason',
    ],
    entries.map((one) => [
      one.deliveryId,
      one.messageId,
      nameOf(MessageKindSchema, one.kind),
      one.destination,
      nameOf(DeliveryStateSchema, one.state),
      String(one.attempts),
      timeOf(one.nextAttemptAt),
      [nameOf(ErrorReasonSchema, one.lastReason), one.lastError].filter(Boolean).join('\n'),
    ]),
  );
}

async function retryDeliveries({ hub, args, options }: Call<RetryOptions>): Promise<Answer> {
  const { destination = '', limit = 0, by, reason = '' } = options;
  if ((args.length === 0) === (destination === ''))
    throw new UsageError(
      '请给出投递编号,或用 --destination 给出去向,二者取一。',
      'Give ids of deliveries or --destination, one of the two.',
    );
  const answer = await hub
    .client(Exchange)
    .retryDeliveries({ deliveryIds: [...args], destination, limit, requestedBy: by, reason });
  return {
    json: toJson(RetryDeliveriesResponseSchema, answer, { alwaysEmitImplicit: true }),
    text: factsOf([
      ['重开 reopened', String(answer.reopened)],
      ['剩余死信 remaining', String(answer.remaining)],
      ['不再投递 held back', String(answer.heldBack)],
    ]),
  };
}
