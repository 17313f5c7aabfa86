import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Channel } from '#gen/zhengzhao/v1/package_pb.js';
import { readRoutes } from '../../server/channels/routes-file.js';
import { ConfigError, readConfig } from '../../server/config.js';
import { departureOf, optimisedRuleOf } from '../../server/domain/registration/channel-route.js';
import { createLog } from '../../server/log.js';
import { openDepartment } from './department.js';
import {
  folderEntry,
  httpEntry,
  openWorkplace,
  startProvince,
  type ChannelEntry,
  type Workplace,
} from './province.js';

const URL_OF_PLATFORM = 'https://exchange.example/packages';

describe('the file of channels', () => {
  let place: Workplace;
  beforeAll(async () => {
    place = await openWorkplace();
  });
  afterAll(() => place.remove());

  async function problemsOf(...entries: readonly ChannelEntry[]): Promise<readonly string[]> {
    const file = await place.channels(...entries);
    const error: unknown = await readRoutes(file).catch((thrown: unknown) => thrown);
    return error instanceof ConfigError ? error.problems : [];
  }

  it('R10 R31 gives each department its set of channels, and the others what is preset', async () => {
    const file = await place.channels(
      httpEntry(URL_OF_PLATFORM, { departments: ['330000000M660', '330000000M200'] }),
      folderEntry({ departments: ['330000000M660'], channel: 'DUAL_NOTICE' }),
      { name: 'w', kind: 'pull', channel: 'NATIONAL_EXCHANGE', departments: ['330100000M660'] },
    );
    const setting = { channels: [Channel.OTHER], channelRoutes: await readRoutes(file) };
    expect(departureOf(setting, '330000000M660')).toEqual({
      channels: [Channel.NATIONAL_EXCHANGE, Channel.DUAL_NOTICE],
      pushedBy: ['national-exchange', 'front-end'],
    });
    expect(departureOf(setting, '330000000M200').pushedBy).toEqual(['national-exchange']);
    expect(departureOf(setting, '330100000M660').pushedBy).toEqual([]);
    expect(departureOf(setting, '330200000M660')).toEqual({
      channels: [Channel.OTHER],
      pushedBy: [],
    });
    expect(setting.channelRoutes[1]).toMatchObject({
      directory: join(place.directory, 'exchange'),
    });
  });

  it('R31 takes every code that departments have in the catalogue', async () => {
    const codes = ['TMP-440000-05', 'TMP-ZY-032', '330000000M660', '1'];
    const file = await place.channels(httpEntry(URL_OF_PLATFORM, { departments: codes }));
    expect((await readRoutes(file))[0]?.departments).toEqual(codes);
    for (const wrong of ['', '-5', '公安厅', 'TMP-440000-05-000001'])
      expect(await problemsOf(httpEntry(URL_OF_PLATFORM, { departments: [wrong] }))).toHaveLength(
        1,
      );
  });

  it('R15 mode 4 needs the national exchange, unless the province says otherwise in so many words', async () => {
    const alone = folderEntry({ channel: 'MULTI_CERT', departments: ['330000000M660'] });
    const problems = await problemsOf(alone);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/330000000M660.*R15.*allowWithoutNationalExchange/s);
    expect(await problemsOf(alone, httpEntry(URL_OF_PLATFORM))).toEqual([]);
    const chosen = { ...alone, allowWithoutNationalExchange: true };
    const routes = await readRoutes(await place.channels(chosen));
    expect(optimisedRuleOf(routes, '330000000M660')).toBe("province's choice");
  });

  it('R15 a node does not start without it, and logs which rule applies to each department', async () => {
    const alone = folderEntry({ channel: 'OTHER' });
    await expect(startProvince(await place.channels(alone))).rejects.toThrow('R15');

    const lines: string[] = [];
    const log = createLog('info', '330000', { write: (line) => void lines.push(line) });
    const platform = await openDepartment();
    const file = await place.channels(httpEntry(platform.url, { departments: ['330000000M660'] }), {
      ...alone,
      allowWithoutNationalExchange: true,
      departments: ['330000000M200'],
    });
    const node = await startProvince(file, {}, log);
    await node.stop();
    await platform.close();
    const rules = lines
      .map((line) => JSON.parse(line) as { rule?: string; department?: string; by?: string })
      .filter((line) => line.rule === 'R15')
      .map(({ department, by }) => [department, by]);
    expect(rules).toEqual([
      ['*', 'national exchange'],
      ['330000000M200', "province's choice"],
      ['330000000M660', 'national exchange'],
    ]);
  });

  it('R15 holds for the departments that no channel names: HUB_CHANNELS alone is no choice', async () => {
    const env = { HUB_CHANNELS: 'DUAL_NOTICE' };
    const named = httpEntry(URL_OF_PLATFORM, { departments: ['330000000M660'] });
    for (const file of ['', await place.channels(named)]) {
      const failure: unknown = await startProvince(file, env).catch((error: unknown) => error);
      expect((failure as ConfigError).problems).toEqual([
        expect.stringMatching(/^HUB_CHANNELS: \p{Script=Han}.*R15.*allowWithoutNationalExchange/u),
      ]);
    }
    const lines: string[] = [];
    const log = createLog('info', '330000', { write: (line) => void lines.push(line) });
    const chosen = {
      name: 'fetched',
      kind: 'pull',
      channel: 'DUAL_NOTICE',
      departments: ['*'],
      allowWithoutNationalExchange: true,
    };
    const node = await startProvince(await place.channels(chosen), env, log);
    await node.stop();
    const told = lines.map((line) => JSON.parse(line) as { rule?: string; by?: string });
    expect(told.filter((line) => line.rule === 'R15').map(({ by }) => by)).toEqual([
      "province's choice",
    ]);
  });

  it('R31 tells everything that is wrong at once, Chinese and English, and quotes no address', async () => {
    const problems = await problemsOf(
      httpEntry('https://user:geheim@exchange.example/', { timeoutMs: 1, departments: [] }),
      httpEntry(URL_OF_PLATFORM, { channel: 'FAX', name: 'Überweg', format: 'xml' }),
      folderEntry({ directory: undefined, colour: 'red' }),
      { name: 'x', kind: 'pigeon' },
    );
    expect(problems.map((problem) => /channels\.[^:]*/.exec(problem)?.[0]).sort()).toEqual([
      'channels.0.departments',
      'channels.0.timeoutMs',
      'channels.0.url',
      'channels.1.channel',
      'channels.1.format',
      'channels.1.name',
      'channels.2',
      'channels.2.directory',
      'channels.3.kind',
    ]);
    for (const problem of problems) expect(problem).toMatch(/\p{Script=Han}.* · .*[a-z]/u);
    expect(problems.join()).not.toContain('geheim');
  });

  it('R31 SFTP needs a pinned host key and one credential, and files are beside the file', async () => {
    const entry = {
      name: 'front-end',
      kind: 'sftp',
      channel: 'NATIONAL_EXCHANGE',
      departments: ['*'],
      host: 'exchange.example',
      user: 'hub',
      hostKey: `SHA256:${'a'.repeat(43)}`,
      passwordFile: 'sftp.password',
      directory: '/exchange',
    };
    const [route] = await readRoutes(await place.channels(entry));
    expect(route).toMatchObject({
      kind: 'sftp',
      push: true,
      directory: '/exchange',
      server: {
        port: 22,
        hostKeys: [entry.hostKey],
        passwordFile: join(place.directory, 'sftp.password'),
        timeoutMs: 30_000,
      },
    });
    for (const [change, field] of [
      [{ hostKey: undefined }, 'hostKey'],
      [{ hostKey: [] }, 'hostKey'],
      [{ hostKey: 'MD5:00:11' }, 'hostKey'],
      [{ privateKeyFile: 'id' }, 'privateKeyFile'],
      [{ passwordFile: undefined }, 'privateKeyFile'],
      [{ password: 'geheim' }, '0'],
    ] as const) {
      const problems = await problemsOf({ ...entry, ...change });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(new RegExp(`channels\\..*${field}: .*\\p{Script=Han}.* · `, 'u'));
      expect(problems[0]).not.toContain('geheim');
    }
    const twice = await problemsOf(entry, { ...entry, name: 'again' });
    expect(twice.join()).toContain('exchange.example:22 /exchange');
  });

  it('R31 no two channels share a name or a folder', async () => {
    const problems = await problemsOf(folderEntry(), folderEntry());
    expect(problems.join()).toMatch(/front-end.*exchange/s);
  });

  it('R31 is for provinces, must be there and must be JSON', async () => {
    expect(() => readConfig({ HUB_LEVEL: 'national', HUB_CHANNELS_FILE: 'x' })).toThrow(
      'HUB_CHANNELS_FILE',
    );
    await expect(readRoutes(join(place.directory, 'none.json'))).rejects.toThrow(ConfigError);
    await writeFile(join(place.directory, 'broken.json'), '{');
    await expect(readRoutes(join(place.directory, 'broken.json'))).rejects.toThrow(ConfigError);
  });
});
