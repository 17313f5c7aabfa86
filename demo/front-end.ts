import { createHash } from 'node:crypto';
import { readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fromJsonString } from '@bufbuild/protobuf';
import { strFromU8, unzipSync } from 'fflate';
import { z } from 'zod';
import { PackageContentSchema, type PackageContent } from '#gen/zhengzhao/v1/package_pb.js';
import { FOLDER_DEPARTMENT, PUSH_DEPARTMENT, type Departments } from './departments.js';

const LIMIT_MS = 30_000;
const POLL_MS = 200;
/** A receipt is read once it has not changed for two seconds; a file renamed into place need not wait. */
const WRITTEN_AGO_MS = 60_000;

const manifestForm = z.object({
  files: z.array(z.object({ name: z.string(), sha256: z.string() })),
});

/** What the departments of the channels got and said. */
export interface ChannelReading {
  readonly archives: number;
  readonly pushed: number;
  /** Package that was returned as not the department's, and the enterprise. */
  readonly returned: { readonly packageId: string; readonly uscc: string };
  readonly problems: readonly string[];
}

/** What must leave by the channels. */
export interface ChannelPlan {
  readonly archives: number;
  readonly pushes: number;
  /** Enterprise whose only package of the folder's department is returned. */
  readonly returnedUscc: string;
}

/**
 * The departments at work: takes every archive of the folder, writes receipts (delivered and received,
 * one package returned as not its own) and waits until the node has read them back (R33, F22); waits
 * for the pushes too.
 */
export async function answerPackages(
  departments: Departments,
  plan: ChannelPlan,
): Promise<ChannelReading> {
  const names = await until(
    () => archivesOf(departments.folder),
    (found) => found.length >= plan.archives,
  );
  const read = await Promise.all(names.map((name) => readArchive(join(departments.folder, name))));
  const contents = read.map(({ content }) => content);
  const returned = contents.find(
    ({ registrations }) => registrations[0]?.uscc === plan.returnedUscc,
  );
  if (!returned) throw new Error('The package that was to be returned did not come by the folder.');
  const { packageId } = returned;
  const inbox = join(departments.folder, 'receipts');
  await dropReceipts(inbox, 'platform.json', JSON.stringify(platformReceipts(contents)));
  await untilTaken(inbox, 'platform.json');
  await dropReceipts(inbox, 'department.csv', departmentReceipts(contents, packageId));
  await untilTaken(inbox, 'department.csv');
  const pushed = await until(
    () => Promise.resolve(new Set(departments.pushed)),
    (found) => found.size >= plan.pushes,
  );
  return {
    archives: names.length,
    pushed: pushed.size,
    returned: { packageId, uscc: plan.returnedUscc },
    problems: [
      ...read.flatMap(({ right }, index) => (right ? [] : [`摘要不符 digest: ${names[index]}`])),
      ...departments.spoilt.map((id) => `推送内容与摘要不符 push with a wrong digest: ${id}`),
      ...(await rejectedReceipts(inbox)).map((name) => `回执未被接受 receipts rejected: ${name}`),
      ...misplaced(contents),
    ],
  };
}

async function archivesOf(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.zip')).sort();
}

/** An archive, and whether its files are what its manifest says. */
async function readArchive(path: string): Promise<{ content: PackageContent; right: boolean }> {
  const files = unzipSync(await readFile(path));
  const textOf = (name: string): string => strFromU8(files[name] ?? new Uint8Array());
  const manifest = manifestForm.parse(JSON.parse(textOf('manifest.json')));
  const right = manifest.files.every(
    ({ name, sha256 }) =>
      createHash('sha256')
        .update(files[name] ?? '')
        .digest('hex') === sha256,
  );
  return { content: fromJsonString(PackageContentSchema, textOf('package.json')), right };
}

/** Never a package with another department's (R26, R32). */
function misplaced(contents: readonly PackageContent[]): string[] {
  return contents
    .filter(({ receivingDeptCode }) => receivingDeptCode !== FOLDER_DEPARTMENT.code)
    .map(({ packageId }) => `他部门的数据包 package of another department: ${packageId}`);
}

function platformReceipts(contents: readonly PackageContent[]): object[] {
  return contents.map(({ packageId }) => ({
    packageId,
    status: 'DEEMED_DELIVERED',
    receiptNo: `DEMO-QZJ-${packageId}`,
    by: '前置机（演示）',
  }));
}

function departmentReceipts(contents: readonly PackageContent[], returnedId: string): string {
  const lines = contents.map(({ packageId }) =>
    packageId === returnedId
      ? `${packageId},RETURNED,NO_SUCH_ITEM_IN_SCOPE,窗口（演示）`
      : `${packageId},RECEIVED,,窗口（演示）`,
  );
  return ['packageId,status,reason,by', ...lines, ''].join('\r\n');
}

/** Puts a file down as another program does: under another name first. */
async function dropReceipts(inbox: string, name: string, text: string): Promise<void> {
  const unfinished = join(inbox, `${name}.tmp`);
  const earlier = new Date(Date.now() - WRITTEN_AGO_MS);
  await writeFile(unfinished, text);
  await utimes(unfinished, earlier, earlier);
  await rename(unfinished, join(inbox, name));
}

async function untilTaken(inbox: string, name: string): Promise<void> {
  await until(
    () => readdir(inbox),
    (names) => !names.includes(name),
  );
}

function rejectedReceipts(inbox: string): Promise<string[]> {
  return readdir(join(inbox, 'rejected'));
}

/** Looks again and again until it is so, or time is up: then whatever there is. */
async function until<T>(look: () => Promise<T>, isEnough: (found: T) => boolean): Promise<T> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (isEnough(found) || Date.now() > deadline) return found;
    await pause(POLL_MS);
  }
}

/** A line of the account for each channel. */
export function channelLines({ archives, pushed, returned }: ChannelReading): string[] {
  return [
    `前置机目录 front-end folder (${FOLDER_DEPARTMENT.code}): ${archives} 个压缩包 archives, 回执已读回 receipts read back`,
    `  退回 returned: ${returned.packageId} → 映射缺陷 mapping defect`,
    `HTTP 推送 push (${PUSH_DEPARTMENT.code}): ${pushed} 个数据包,均有回执号 packages, each with a receipt number`,
  ];
}
