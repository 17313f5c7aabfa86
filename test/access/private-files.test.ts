import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withSecretFiles } from '../../server/config-secrets.js';
import { ExposedFileError, requirePrivate } from '../../server/private-file.js';
import { generatePrivatePem } from '../../server/signing/keys.js';
import { freshSchema } from '../support/database.js';
import { startTestNode } from '../support/nodes.js';
import { NodeProcess } from '../support/process.js';
import { makeTrust } from '../support/trust.js';

/** Modes by which somebody else could read or change a secret. */
const OPEN = [0o640, 0o620, 0o604, 0o644];

describe('keys, tokens and passwords are for the user of the service alone', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zhengzhao-private-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('the key of a certificate', async () => {
    const trust = await makeTrust();
    const env = await trust.envOf(await trust.issue('node', '330000'));
    for (const mode of OPEN) {
      await chmod(env['HUB_TLS_KEY']!, mode);
      await expect(startTestNode(env)).rejects.toThrow(ExposedFileError);
    }
    await trust.remove();
  });

  it('the key that signs receipts, named or in the data directory', async () => {
    const file = join(dir, 'signing.pem');
    await writeFile(file, generatePrivatePem('ed25519'));
    for (const mode of OPEN) {
      await chmod(file, mode);
      await expect(startTestNode({ HUB_SIGNING_KEY: file })).rejects.toThrow(ExposedFileError);
    }
    const env = { HUB_DATA_DIR: join(dir, 'data'), HUB_DATABASE_SCHEMA: freshSchema('n') };
    await (await startTestNode(env)).stop();
    await chmod(join(env.HUB_DATA_DIR, 'signing-key-ed25519.pem'), 0o644);
    await expect(startTestNode(env)).rejects.toThrow(ExposedFileError);
  });

  it('the file with an address, which is named and not quoted', async () => {
    const file = join(dir, 'address');
    await writeFile(file, 'postgres://hub:hidden@db:5432/hub');
    for (const mode of OPEN) {
      await chmod(file, mode);
      const read = (): unknown => withSecretFiles({ HUB_DATABASE_URL_FILE: file });
      expect(read).toThrow(/HUB_DATABASE_URL_FILE: .* 可被其他用户读取.* · .*open to other users/);
      expect(read).not.toThrow(/hidden/);
    }
    await chmod(file, 0o400);
    expect(withSecretFiles({ HUB_DATABASE_URL_FILE: file })).toEqual({
      HUB_DATABASE_URL: 'postgres://hub:hidden@db:5432/hub',
    });
  });

  it('a file of another user may be open to its group, by which the service reads it', () => {
    const other = (process.geteuid?.() ?? 0) + 1;
    expect(() => requirePrivate('key', { mode: 0o100440, uid: other })).not.toThrow();
    for (const mode of [0o100444, 0o100460])
      expect(() => requirePrivate('key', { mode, uid: other })).toThrow(ExposedFileError);
  });

  it('a node says so in words and does not start', async () => {
    const trust = await makeTrust();
    const env = await trust.envOf(await trust.issue('node', '330000'));
    await chmod(env['HUB_TLS_KEY']!, 0o644);
    const [, body = ''] = (await readFile(env['HUB_TLS_KEY']!, 'utf8')).split('\n');
    const node = new NodeProcess({ HUB_PORT: '0', HUB_DATA_DIR: join(dir, 'none'), ...env });
    expect(await node.ended()).toBe(2);
    expect(node.stderr).toMatch(/可被其他用户读取,请 chmod 600 · .* is open to other users/);
    expect(node.stderr).not.toContain('    at ');
    expect(node.stdout + node.stderr).not.toContain(body);
    await trust.remove();
  });
});
