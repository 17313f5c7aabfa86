import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { storedForm } from '../../server/catalog/stored-form.js';
import {
  getRelease,
  insertRelease,
  listReleases,
  loadAll,
  replaceRelease,
  shelfMark,
} from '../../server/storage/catalog-releases.js';
import { release } from '../domain/catalog/builders.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.knex('catalog_releases').del());

const first = storedForm(release({ titleEn: 'Test' }));
const changed = storedForm(release({ titleEn: 'Changed' }));

describe('stored releases', () => {
  it('R4 keeps the bytes as published, with a civil date', async () => {
    expect(await insertRelease(database.knex, first)).toBe(true);
    const stored = await getRelease(database.knex, '100000', 'v1');
    expect(stored).toMatchObject({
      layer: '100000',
      version: 'v1',
      effectiveFrom: '2019-12-01',
      titleEn: 'Test',
      entryCount: 1,
      itemCount: 1,
    });
    expect(Buffer.from(stored?.content ?? []).equals(first.content)).toBe(true);
    expect(Buffer.from(stored?.digest ?? []).equals(first.digest)).toBe(true);
    expect(stored?.storedAt).toBeInstanceOf(Date);
    expect(await getRelease(database.knex, '100000', 'v2')).toBeUndefined();
  });

  it('R4 the same content again changes nothing, other content is refused', async () => {
    await insertRelease(database.knex, first);
    const mark = await shelfMark(database.knex);
    expect(await insertRelease(database.knex, first)).toBe(false);
    await expect(insertRelease(database.knex, changed)).rejects.toMatchObject({
      reason: ErrorReason.RELEASE_EXISTS,
      details: { metadata: { version: 'v1' } },
    });
    expect(await shelfMark(database.knex)).toBe(mark);
    expect(await loadAll(database.knex)).toHaveLength(1);
  });

  it('R4 of many processes that publish the same version one stores it', async () => {
    const outcomes = await Promise.allSettled(
      [first, first, changed, first, changed].map((one) => insertRelease(database.knex, one)),
    );
    const stored = outcomes.filter((one) => one.status === 'fulfilled' && one.value);
    expect(stored).toHaveLength(1);
    expect(await listReleases(database.knex)).toHaveLength(1);
  });

  it('R4 the one writer of a layer replaces what a province started with', async () => {
    await insertRelease(database.knex, first);
    const mark = await shelfMark(database.knex);
    expect(await replaceRelease(database.knex, first)).toBe(false);
    expect(await shelfMark(database.knex)).toBe(mark);
    expect(await replaceRelease(database.knex, changed)).toBe(true);
    expect(await shelfMark(database.knex)).not.toBe(mark);
    expect((await getRelease(database.knex, '100000', 'v1'))?.titleEn).toBe('Changed');
    expect(await replaceRelease(database.knex, storedForm(release({ version: 'v2' })))).toBe(true);
  });

  it('lists in the order stored, by layer or all', async () => {
    await insertRelease(database.knex, storedForm(release({ version: 'b' })));
    await insertRelease(database.knex, storedForm(release({ version: 'a', layer: '330000' })));
    const versions = (await listReleases(database.knex)).map((one) => one.version);
    expect(versions).toEqual(['b', 'a']);
    expect((await loadAll(database.knex)).map((one) => one.version)).toEqual(['b', 'a']);
    expect((await listReleases(database.knex, '330000')).map((one) => one.version)).toEqual(['a']);
  });
});
