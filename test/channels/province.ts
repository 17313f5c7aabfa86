import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { expect } from 'vitest';
import type { DepartmentPackage, PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { AUTHORITY } from '../support/builders.js';
import { eventually, startTestNode, type TestNode } from '../support/nodes.js';

export const DEPT: string = AUTHORITY.code;

/** Release that a node without any other has. */
const SEEDED = '2019.12-prov';

/** Entries of a file of channels, as a province writes them. */
export type ChannelEntry = Readonly<Record<string, unknown>>;

/** A national-exchange route by HTTP for every department. */
export function httpEntry(url: string, overrides: ChannelEntry = {}): ChannelEntry {
  return {
    name: 'national-exchange',
    kind: 'http',
    channel: 'NATIONAL_EXCHANGE',
    departments: ['*'],
    url,
    timeoutMs: 2_000,
    ...overrides,
  };
}

/** A route by the folder `exchange` beside the file of channels. */
export function folderEntry(overrides: ChannelEntry = {}): ChannelEntry {
  return {
    name: 'front-end',
    kind: 'folder',
    channel: 'NATIONAL_EXCHANGE',
    departments: ['*'],
    directory: 'exchange',
    ...overrides,
  };
}

/** A directory of its own for a test's files. */
export interface Workplace {
  readonly directory: string;
  /** Writes a file of channels and tells its path. */
  channels(...entries: readonly ChannelEntry[]): Promise<string>;
  remove(): Promise<void>;
}

export async function openWorkplace(): Promise<Workplace> {
  const directory = await mkdtemp(join(tmpdir(), 'zhengzhao-channels-'));
  return {
    directory,
    channels: async (...entries) => {
      const file = join(directory, 'channels.json');
      await writeFile(file, JSON.stringify({ channels: entries }));
      return file;
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A province that pushes, and what its departments ask. */
export interface Province extends TestNode {
  /** Registers; a refusal fails the test. */
  register(...events: readonly RegistrationEvent[]): Promise<void>;
  packages(deptCode?: string): Promise<DepartmentPackage[]>;
  /** A package with its steps, without fetching it as the department would. */
  steps(packageId: string): Promise<{ status: PackageStatus; by: string; note: string }[]>;
  /** Waits until the only package of the department has the status. */
  reaches(status: PackageStatus, deptCode?: string): Promise<DepartmentPackage>;
}

export async function startProvince(
  channelsFile: string,
  env: Readonly<Record<string, string>> = {},
  log?: Logger,
): Promise<Province> {
  const node = await startTestNode(
    { HUB_REGION: '330000', HUB_CHANNELS_FILE: channelsFile, HUB_SWEEP_MS: '100', ...env },
    log,
  );
  const packages = async (receivingDeptCode = DEPT): Promise<DepartmentPackage[]> =>
    (await node.dataCenter.listPackages({ receivingDeptCode, pageSize: 200 })).packages;
  return {
    ...node,
    packages,
    register: async (...events) => {
      for (const event of events)
        await node.registration.submitRegistration({
          registration: { ...event, catalogVersion: SEEDED },
        });
    },
    steps: (packageId) =>
      node.sql('select status, by, note from package_steps where package_id = ? order by id', [
        packageId,
      ]),
    reaches: (status, deptCode) =>
      eventually(async () => {
        const all = await packages(deptCode);
        expect(all.map((one) => one.status)).toEqual([status]);
        return all[0]!;
      }),
  };
}

/** Puts a file into a folder as another program does: under another name first, and not just now. */
export async function drop(directory: string, name: string, text: string): Promise<void> {
  const path = join(directory, `${name}.tmp`);
  const earlier = new Date(Date.now() - 60_000);
  await writeFile(path, text);
  await utimes(path, earlier, earlier);
  await rename(path, join(directory, name));
}
