import { writeFile } from 'node:fs/promises';
import { toJson } from '@bufbuild/protobuf';
import {
  AcknowledgePackageResponseSchema,
  DataCenter,
  GetPackageResponseSchema,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import {
  DepartmentPackageSchema,
  PackageStatusSchema,
  ReturnReasonSchema,
  type DepartmentPackage,
} from '#gen/zhengzhao/v1/package_pb.js';
import type { Answer } from '../answer.js';
import { addCommand, addGroup, type Call, type Group } from '../command.js';
import { moreOf, pageOptions, readPages, type PageOptions } from '../paging.js';
import { factsOf, listOf, tableOf } from '../table.js';
import { choiceOption, nameOf, numberOf, option, timeOf } from '../words.js';

interface DeptOptions {
  readonly dept: string;
}
interface ListOptions extends DeptOptions, PageOptions {
  readonly status?: string;
}
interface GetOptions extends DeptOptions {
  readonly out?: string;
}
interface AckOptions extends DeptOptions {
  readonly status: string;
  readonly by: string;
  readonly receiptNo?: string;
  readonly returnReason?: string;
  readonly toDept?: string;
  readonly toDeptName?: string;
  readonly note?: string;
}

const ID = { name: '<package-id>', zh: '数据包编号', en: 'id of the package' };

/** `packages`: what a department is sent (R26), and what it did with it (R33, F22). */
export const packages: Group = (program) => {
  const group = addGroup(program, {
    name: 'packages',
    zh: '部门数据包',
    en: 'packages of a department',
  });
  const dept = option(
    '--dept <code>',
    '接收部门代码',
    'code of the department',
  ).makeOptionMandatory();
  const status = choiceOption('--status <status>', PackageStatusSchema, '数据包状态', 'status');
  addCommand<ListOptions>(group, {
    name: 'list',
    zh: '列出数据包,最早的在前',
    en: 'lists packages, oldest first',
    options: [dept, status, ...pageOptions()],
    run: listPackages,
  });
  addCommand<GetOptions>(group, {
    name: 'get',
    zh: '取数据包及内容',
    en: 'fetches a package with its content',
    arguments: [ID],
    options: [
      dept,
      option('--out <file>', '内容写入文件(Protobuf)', 'writes the content, as Protobuf'),
    ],
    run: getPackage,
  });
  addCommand<AckOptions>(group, {
    name: 'ack',
    zh: '数据包回执:已接收、认领、退回等',
    en: 'reports what was done: received, claimed, returned and so on',
    arguments: [ID],
    options: [
      dept,
      choiceOption(
        '--status <status>',
        PackageStatusSchema,
        '达到的状态',
        'status reached',
      ).makeOptionMandatory(),
      option('--by <name>', '操作人', 'who did it').makeOptionMandatory(),
      option('--receipt-no <number>', '平台回执号', 'receipt number of the platform'),
      choiceOption(
        '--return-reason <reason>',
        ReturnReasonSchema,
        '退回原因',
        'why it is returned',
      ),
      option('--to-dept <code>', '重新指派部门代码', 'department it is passed to'),
      option('--to-dept-name <name>', '重新指派部门', 'name of that department'),
      option('--note <text>', '说明', 'note'),
    ],
    run: acknowledge,
  });
};

async function listPackages({ hub, options }: Call<ListOptions>): Promise<Answer> {
  const client = hub.client(DataCenter);
  const asked = {
    receivingDeptCode: options.dept,
    status: numberOf(PackageStatusSchema, options.status),
  };
  const pages = await readPages(options, 200, async (page) => {
    const answer = await client.listPackages({ ...asked, ...page });
    return { entries: answer.packages, nextPageToken: answer.nextPageToken };
  });
  return {
    json: {
      packages: pages.entries.map((one) => toJson(DepartmentPackageSchema, one)),
      nextPageToken: pages.nextPageToken,
    },
    text: packagesTable(pages.entries) + moreOf(pages),
  };
}

function packagesTable(entries: readonly DepartmentPackage[]): string {
  return listOf(
    ['编号 id', '生成 built', '企业 enterprise', '状态 status', '回执号 receipt'],
    entries.map((one) => [
      one.packageId,
      timeOf(one.createdAt),
      one.uscc,
      nameOf(PackageStatusSchema, one.status),
      one.platformReceiptNo,
    ]),
  );
}

async function getPackage({ hub, args, options }: Call<GetOptions>): Promise<Answer> {
  const answer = await hub
    .client(DataCenter)
    .getPackage({ packageId: args[0] ?? '', receivingDeptCode: options.dept });
  const found = answer.package;
  if (options.out !== undefined) await writeFile(options.out, found?.content ?? new Uint8Array());
  return {
    json: toJson(GetPackageResponseSchema, answer),
    text: found ? [packageFacts(found), itemsOf(found)].join('\n\n') : '',
  };
}

function packageFacts(one: DepartmentPackage): string {
  const registrations = one.package?.registrations ?? [];
  return factsOf([
    ['编号 id', one.packageId],
    ['部门 department', `${one.receivingDeptName} ${one.receivingDeptCode}`],
    ['生成 built', timeOf(one.createdAt)],
    ['状态 status', nameOf(PackageStatusSchema, one.status)],
    ['退回 returned', nameOf(ReturnReasonSchema, one.returnReason)],
    ['摘要 SHA-256', one.sha256],
    ...registrations.map(({ entName, uscc }) => ['企业 enterprise', `${entName} ${uscc}`] as const),
  ]);
}

function itemsOf(one: DepartmentPackage): string {
  return tableOf(
    ['事项 item', '条款 clause', '下一步 next'],
    (one.package?.items ?? []).map(({ permitItem, clause, nextStepZh, nextStepEn }) => [
      `${permitItem?.permitItemCode ?? ''} ${permitItem?.permitItemName ?? ''}`,
      clause,
      `${nextStepZh}\n${nextStepEn}`,
    ]),
  );
}

async function acknowledge({ hub, args, options }: Call<AckOptions>): Promise<Answer> {
  const answer = await hub.client(DataCenter).acknowledgePackage({
    packageId: args[0] ?? '',
    receivingDeptCode: options.dept,
    status: numberOf(PackageStatusSchema, options.status),
    platformReceiptNo: options.receiptNo ?? '',
    returnReason: numberOf(ReturnReasonSchema, options.returnReason),
    reassignedDeptCode: options.toDept ?? '',
    reassignedDeptName: options.toDeptName ?? '',
    by: options.by,
    note: options.note ?? '',
  });
  return {
    json: toJson(AcknowledgePackageResponseSchema, answer),
    text: factsOf([
      ['编号 id', answer.package?.packageId ?? ''],
      ['状态 status', nameOf(PackageStatusSchema, answer.package?.status ?? 0)],
      ['新数据包 new package', answer.reassignedPackageId],
    ]),
  };
}
