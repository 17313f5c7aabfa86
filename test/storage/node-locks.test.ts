import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDatabase } from '../../server/storage/database.js';
import { lockNames, takeTurn } from '../../server/storage/node-locks.js';
import { testUscc, validRegistration } from '../support/builders.js';
import { eventually, startTestNode, type TestNode } from '../support/nodes.js';
import { heldTransaction } from '../support/database.js';

/** Two nodes share a database, as on a machine for trials. */
describe('what a node holds on to', () => {
  let nodes: readonly [TestNode, TestNode];
  let own: Knex;
  let others: Knex;
  beforeAll(async () => {
    const start = () => startTestNode({ HUB_REGION: '330000' });
    nodes = await Promise.all([start(), start()]);
    const open = ({ schema }: TestNode) =>
      openDatabase({ url: inject('databaseUrl'), schema, poolSize: 1 });
    [own, others] = [open(nodes[0]), open(nodes[1])];
  });
  afterAll(async () => {
    await Promise.all([own.destroy(), others.destroy()]);
    await Promise.all(nodes.map((node) => node.stop()));
  });

  /** Statements of a node that wait for an advisory lock. */
  const waiting = ({ sql, schema }: TestNode) =>
    sql(
      `select 1 from pg_locks l join pg_stat_activity a using (pid)
        where l.locktype = 'advisory' and not l.granted and a.application_name = 'zhengzhao-hub/' || ?`,
      [schema],
    );

  it('R51 makes its own processes wait, and no other node of the database', async () => {
    const registration = validRegistration({ catalogVersion: '2019.12-prov' });
    const hold = await heldTransaction(own);
    await lockNames(hold, [testUscc(1)]);
    const waits = nodes[0].registration.submitRegistration({ registration });
    await nodes[1].registration.submitRegistration({ registration });
    await eventually(async () => expect(await waiting(nodes[0])).toHaveLength(1));
    expect(await waiting(nodes[1])).toEqual([]);
    await hold.rollback();
    expect((await waits).receipt?.duplicate).toBe(false);
  });

  it.each(['lane', 'dispatch', 'receipts'] as const)(
    'gives others their turn at a %s of the same name',
    async (purpose) => {
      const hold = await heldTransaction(own);
      await takeTurn(hold, purpose, '100000/1');
      await others.transaction((trx) => takeTurn(trx, purpose, '100000/1'));
      await hold.rollback();
    },
  );
});
