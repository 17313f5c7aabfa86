import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CatalogRelease } from '#gen/zhengzhao/v1/catalog_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { seedShelf } from '../../server/catalog/seed.js';
import { openShelf, type CatalogShelf, type ShelfOptions } from '../../server/catalog/shelf.js';
import { storedForm } from '../../server/catalog/stored-form.js';
import { FindingList, messagePath } from '../../server/domain/catalog/release-findings.js';
import { provinceOf, regionLineage } from '../../server/reference/region-codes.js';
import { entry, item, localItem, release } from '../domain/catalog/builders.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

const SILENT = pino({ level: 'silent' });
let database: TestDatabase;
const open: CatalogShelf[] = [];

beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(() => database.knex('catalog_releases').del());
afterAll(async () => {
  await Promise.all(open.map((shelf) => shelf.close()));
  await database.drop();
});

async function shelfOf(node: string, more: Partial<ShelfOptions> = {}): Promise<CatalogShelf> {
  const shelf = await openShelf({
    knex: database.knex,
    node,
    lineageOf: regionLineage,
    provinceOf,
    today: () => '2019-11-20',
    log: SILENT,
    ...more,
  });
  open.push(shelf);
  return shelf;
}

const draft = (made: CatalogRelease) => ({
  release: made,
  findings: new FindingList(),
  locate: messagePath,
});

describe('a node that starts with nothing', () => {
  it('R4 publishes the catalogue that comes with the program, once', async () => {
    const shelf = await shelfOf('330000');
    expect(shelf.current().on('2020-01-01')).toBeUndefined();
    await seedShelf(shelf, '330000', SILENT);
    const view = shelf.current().on('2020-01-01');
    expect(view?.provisional).toBe(true);
    expect(view?.entries.length).toBeGreaterThan(700);
    expect(view?.item('PX-33-0001')).toBeDefined();
    const library = shelf.current();
    await seedShelf(shelf, '330000', SILENT);
    expect(shelf.current()).toBe(library);
    expect(
      shelf
        .versions()
        .map((one) => one.layer)
        .sort(),
    ).toEqual(['100000', '330000']);
  });

  it('R25 the national node has no provincial layer', async () => {
    const shelf = await shelfOf('100000');
    await seedShelf(shelf, '100000', SILENT);
    expect(shelf.versions().map((one) => one.layer)).toEqual(['100000']);
  });

  it('R4 two processes that start at once agree', async () => {
    const [a, b] = await Promise.all([shelfOf('440000'), shelfOf('440000')]);
    await Promise.all([seedShelf(a, '440000', SILENT), seedShelf(b, '440000', SILENT)]);
    expect(a.versions()).toEqual(b.versions());
  });
});

describe('publishing', () => {
  it('R23 a later release takes over on its day; the library before stays as it was', async () => {
    const shelf = await shelfOf('100000');
    await shelf.publish(draft(release()), false);
    const before = shelf.current();
    const { published, version } = await shelf.publish(
      draft(release({ version: 'v2', effectiveFrom: '2020-06-01' })),
      false,
    );
    expect(published).toBe(true);
    expect(version.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(shelf.current().on('2020-06-01')?.version).toBe('v2');
    expect(before.on('2020-06-01')?.version).toBe('v1');
    expect(shelf.versions().map((one) => one.version)).toEqual(['v2', 'v1']);
  });

  it('R6 refuses a release with an error whole, and a dry run publishes nothing', async () => {
    const shelf = await shelfOf('100000');
    const broken = await shelf.publish(draft(release({ items: [item('I1', [])] })), false);
    expect(broken.published).toBe(false);
    expect(broken.findings.findings.map((one) => one.rule)).toEqual(['R6']);
    expect((await shelf.publish(draft(release()), true)).published).toBe(false);
    expect(shelf.versions()).toEqual([]);
  });

  it('R4 a published version never changes', async () => {
    const shelf = await shelfOf('100000');
    await shelf.publish(draft(release()), false);
    expect((await shelf.publish(draft(release()), false)).published).toBe(true);
    const other = release({ titleZh: '改过的' });
    await expect(shelf.publish(draft(other), false)).rejects.toMatchObject({
      reason: ErrorReason.RELEASE_EXISTS,
    });
    const dry = await shelf.publish(draft(other), true);
    expect(dry.findings.findings.map((one) => one.code)).toEqual(['RELEASE_EXISTS']);
  });

  it('R25 checks a provincial release against the central ones held', async () => {
    const shelf = await shelfOf('330000');
    await shelf.adopt(storedForm(release()).content);
    const local = (code: string, entries: string[]): CatalogRelease =>
      release({
        version: `${code}-33`,
        layer: '330000',
        entries: entries.map((one) => entry(one)),
        items: [localItem('X1', ['E1'])],
      });
    expect((await shelf.publish(draft(local('a', ['L1'])), false)).published).toBe(true);
    const redefining = await shelf.publish(draft(local('b', ['E1'])), false);
    expect(redefining.findings.findings.map((one) => one.code)).toContain('REDEFINES_CENTRAL');
    expect(shelf.current().on('2020-01-01')?.itemsOf('E1')).toHaveLength(2);
  });
});

describe('several processes of a node', () => {
  it('R4 a release published by one is seen by the others, which decode only what is new', async () => {
    const [writer, reader] = await Promise.all([
      shelfOf('100000'),
      shelfOf('100000', { pollMs: 20 }),
    ]);
    await writer.publish(draft(release()), false);
    expect(await reader.refresh()).toBe(true);
    expect(await reader.refresh()).toBe(false);
    const kept = reader.current().release('100000', 'v1');
    reader.watch();
    await writer.publish(draft(release({ version: 'v2', effectiveFrom: '2020-06-01' })), false);
    await expect.poll(() => reader.current().has('v2')).toBe(true);
    expect(reader.current().release('100000', 'v1')).toBe(kept);
    await reader.close();
    await writer.publish(draft(release({ version: 'v3', effectiveFrom: '2020-07-01' })), false);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(reader.current().has('v3')).toBe(false);
  });

  it('R4 a whole release is read from the database once, whoever asks how often', async () => {
    const shelf = await shelfOf('100000');
    await shelf.publish(draft(release()), false);
    const asked: string[] = [];
    database.knex.on('query', ({ sql }: { sql: string }) => asked.push(sql));
    const together = await Promise.all([1, 2, 3].map(() => shelf.release('100000', 'v1')));
    const [first] = together;
    expect(first?.content).toBeInstanceOf(Uint8Array);
    expect([...together, await shelf.release('100000', 'v1')]).toEqual([
      first,
      first,
      first,
      first,
    ]);
    expect(asked).toHaveLength(1);
    database.knex.removeAllListeners('query');
    expect(await shelf.release('100000', 'v0')).toBeUndefined();
  });

  it('R4 takes the content of the one writer over what it started with', async () => {
    const shelf = await shelfOf('330000');
    await shelf.adopt(storedForm(release({ titleZh: '随程序提供' })).content);
    expect(await shelf.adopt(storedForm(release({ titleZh: '总局' })).content)).toBe(true);
    expect(shelf.current().release('100000', 'v1')?.titleZh).toBe('总局');
    expect(shelf.versions()).toHaveLength(1);
  });
});
