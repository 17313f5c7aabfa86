import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '../../server/postgres/embedded.js';
import { recordMigrations, type SchemaRecording } from './schema-recording.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** One real PostgreSQL for the whole run; every test file works in schemas of its own. */
    databaseUrl: string;
    /** The migrations of this version: what took them from nothing once in this run. */
    migrations: SchemaRecording;
  }
}

/** Starts the run's PostgreSQL, or uses the one that HUB_TEST_DATABASE_URL names. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['HUB_TEST_DATABASE_URL'];
  if (given) {
    project.provide('databaseUrl', given);
    project.provide('migrations', await recordMigrations(given));
    return () => Promise.resolve();
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'zhengzhao-test-'));
  const server = await startEmbeddedPostgres({
    dataDir,
    // Durability is what the embedded tests prove; here it would only cost time.
    settings: { fsync: 'off', synchronous_commit: 'off', max_connections: '800' },
  });
  project.provide('databaseUrl', server.url);
  project.provide('migrations', await recordMigrations(server.url));
  return async () => {
    await server.stop();
    await removeEmbeddedPostgres(dataDir);
  };
}
