import type { Knex } from 'knex';
import { inject } from 'vitest';
import { disable, issueToken, register } from '../../server/access/principals.js';
import type { Role } from '../../server/domain/access/principal.js';
import { openDatabase } from '../../server/storage/database.js';
import type { TestNode } from './nodes.js';

const EVERYTHING = { regions: null, permitItems: null, actsFor: [] };

/** Registers a caller with a node and answers a token for it. */
export function tokenFor(node: TestNode, role: Role, code: string): Promise<string> {
  return inDatabaseOf(node, async (knex) => {
    await register(knex, role, code, EVERYTHING);
    return (await issueToken(knex, role, code, 1)).token;
  });
}

/** Shuts a caller out, with every token that it has. */
export function shutOut(node: TestNode, role: Role, code: string): Promise<void> {
  return inDatabaseOf(node, (knex) => disable(knex, role, code));
}

async function inDatabaseOf<T>(node: TestNode, act: (knex: Knex) => Promise<T>): Promise<T> {
  const knex = openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 1 });
  try {
    return await act(knex);
  } finally {
    await knex.destroy();
  }
}
