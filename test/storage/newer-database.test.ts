import { describe, expect, it } from 'vitest';
import { freshSchema } from '../support/database.js';
import { startTestNode } from '../support/nodes.js';

describe('a database that a newer version has migrated', () => {
  it('is worked on by this version, which leaves alone what it does not know', async () => {
    const HUB_DATABASE_SCHEMA = freshSchema('newer');
    const first = await startTestNode({ HUB_DATABASE_SCHEMA });
    await first.sql('create table of_the_future (id bigint primary key)');
    await first.sql(
      `insert into migrations (name, batch, migration_time)
       values ('999-of-the-future', 2, now())`,
    );
    await first.stop();
    const second = await startTestNode({ HUB_DATABASE_SCHEMA });
    try {
      const { level } = await second.dataCenter.getNodeStatus({});
      expect(level).toBeDefined();
      const found = await second.sql(`select name from migrations where name like '999%'`);
      expect(found).toEqual([{ name: '999-of-the-future' }]);
    } finally {
      await second.stop();
    }
  });
});
