import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../server/log.js';
import { freshDatabase, type TestDatabase } from './support/database.js';

describe('the log', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  /** What the log writes about an error. */
  async function written(error: unknown): Promise<string> {
    let text = '';
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    });
    createLog('info', '330000', stream).error({ err: error }, 'a message could not be stored');
    await new Promise((resolve) => setImmediate(resolve));
    return text;
  }

  it('R54 names a failed statement without its values and without the row', async () => {
    await database.knex.raw('create table one (secret text primary key)');
    await database.knex('one').insert({ secret: '秘密内容' });
    const again = database.knex('one').insert({ secret: '秘密内容' });
    const error: unknown = await again.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const text = await written(error);
    expect(text).toContain('23505');
    expect(text).not.toContain('秘密内容');
  });

  it('keeps name, message, code and the chain of causes', async () => {
    const cause = Object.assign(new Error('connection lost'), { code: 'ECONNRESET', detail: 'x' });
    const entry = JSON.parse(await written(new Error('outer', { cause }))) as Record<
      string,
      unknown
    >;
    expect(entry).toMatchObject({
      node: '330000',
      err: { message: 'outer', cause: { message: 'connection lost', code: 'ECONNRESET' } },
    });
    expect(JSON.stringify(entry)).not.toContain('"detail"');
  });
});
