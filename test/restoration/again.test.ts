import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { administered } from '../../server/domain/audit/administration.js';
import { firstNumberAfterRestore } from '../../server/domain/restoration.js';
import { continueFromBackup } from '../../server/restoration/restore-point.js';
import { appendAudit, auditHead, linksBetween } from '../../server/storage/audit.js';
import { witnessChain } from '../../server/storage/audit-witness.js';
import { lastRestoration } from '../../server/storage/restorations.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

const NODE = '330000';

describe('a restoration that comes before anybody has heard of the last one', () => {
  let province: TestDatabase;
  let national: TestDatabase;
  beforeAll(async () => {
    [province, national] = await Promise.all([freshDatabase(), freshDatabase()]);
  });
  afterAll(() => Promise.all([province.drop(), national.drop()]));

  /** Something is done, in a link of its own. */
  const act = () =>
    appendAudit(province.knex, NODE, [administered('test', 'command:test', Date.now())]);

  /** The witness is shown links from after one on, as the province does each minute. */
  async function show(after: number, links: readonly { atMs: number; entriesHash: Uint8Array }[]) {
    const restoration = await lastRestoration(province.knex);
    await witnessChain(national.knex, shown(0, Buffer.alloc(0), [], restoration));
    const { head } = await witnessChain(national.knex, shown(0, Buffer.alloc(0), []));
    expect(head.link).toBe(after);
    return witnessChain(national.knex, shown(after, head.hash, links));
  }
  const shown = (
    after: number,
    afterHash: Uint8Array,
    links: readonly { atMs: number; entriesHash: Uint8Array }[],
    restoration: Awaited<ReturnType<typeof lastRestoration>> = undefined,
  ) => ({ node: NODE, after, afterHash, links, restoration });
  const linksAfter = (link: number) =>
    linksBetween(province.knex, link, Number.MAX_SAFE_INTEGER, 100);

  it('R52 neighbours hear since when all of it lost: twice does no harm, with work in between or none', async () => {
    const { knex } = province;
    await act();
    const backup = (await auditHead(knex))!.link;
    // What the witness saw of the chain after the backup, which is lost.
    const lost = Array.from({ length: 4 }, () => ({ atMs: 1, entriesHash: Buffer.alloc(32, 1) }));
    await show(0, await linksAfter(0));
    await show(backup, lost.slice(0, 1));
    await show(backup + 1, lost.slice(1));

    const first = await continueFromBackup(knex, NODE);
    const { backupUntil } = first;
    expect(first.link).toBe(backup + 1);
    expect(await continueFromBackup(knex, NODE)).toMatchObject({ backupUntil });
    await act();
    const third = await continueFromBackup(knex, NODE);
    expect(third).toMatchObject({ backupUntil });
    expect(third.restoredAt.getTime()).toBeGreaterThan(first.restoredAt.getTime());
    expect(await lastRestoration(knex)).toEqual(third);

    // The chain leads on from the backup, not from what was lost: the witness sees no break.
    expect(await show(backup, await linksAfter(backup))).toMatchObject({
      broken: false,
      head: { link: (await auditHead(knex))!.link },
    });
  });

  it('R52 one that was heard of is not told again with the next', async () => {
    const { knex } = province;
    const told = (await lastRestoration(knex))!;
    // Something that was numbered after it was acknowledged, when the chain had long been shown.
    const id = firstNumberAfterRestore(told.restoredAt.getTime());
    await knex.raw(
      `insert into deliveries (id, message_seq, destination, entity, lane, action, kind, rule, revision,
                               state, created_at, settled_at)
       overriding system value
       values (?, 1, '100000', 'E', 0, 1, 1, 'UP-REGISTRATION', 0, 2, now(), now() + interval '1 hour')`,
      [id],
    );
    const next = await continueFromBackup(knex, NODE);
    expect(next.link).toBeGreaterThan(told.link);
    expect(next.backupUntil!.getTime()).toBeGreaterThanOrEqual(told.restoredAt.getTime());
  });

  it('R52 the national node tells of both until every province has called since', async () => {
    const { knex } = national;
    const { backupUntil } = await continueFromBackup(knex, '100000');
    expect(await continueFromBackup(knex, '100000')).toMatchObject({ backupUntil });
    const { link } = (await auditHead(province.knex))!;
    await show(link - 1, await linksAfter(link - 1));
    const next = await continueFromBackup(knex, '100000');
    expect(next.backupUntil).not.toEqual(backupUntil);
  });
});
