import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import type { AuditWitness } from '#gen/zhengzhao/v1/audit_pb.js';
import { verifyChain } from '../../server/audit/verify-chain.js';
import { entriesHash, entryHash, linkHash } from '../../server/domain/audit/entry.js';
import { entriesOf, linksBetween } from '../../server/storage/audit.js';
import { openDatabase } from '../../server/storage/database.js';
import { validLicence, validRegistration } from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';

let national: TestNode;
let zhejiang: TestNode;
let guangdong: TestNode;

beforeAll(async () => {
  const port = await freePort();
  national = await startTestNode({ HUB_LEVEL: 'national', HUB_PORT: String(port) });
  const province = { HUB_UPSTREAM_URL: `http://127.0.0.1:${port}`, HUB_AUDIT_WITNESS_MS: '200' };
  [zhejiang, guangdong] = await Promise.all([
    startTestNode({ ...province, HUB_REGION: '330000' }),
    startTestNode({ ...province, HUB_REGION: '440000' }),
  ]);
});
afterAll(async () => {
  await Promise.all([zhejiang.stop(), guangdong.stop()]);
  await national.stop();
});

async function witnessOf(node: TestNode): Promise<AuditWitness> {
  const { auditWitnesses } = await national.dataCenter.getNodeStatus({});
  const witness = auditWitnesses.find((one) => one.node === node.code);
  if (!witness) throw new Error(`nothing was seen of ${node.code}`);
  return witness;
}

/** Waits until the national node has seen the chain up to its head of now. */
async function witnessed(node: TestNode): Promise<void> {
  const { auditHead } = await node.dataCenter.getNodeStatus({});
  await eventually(async () => {
    expect((await witnessOf(node)).head!.link).toBeGreaterThanOrEqual(auditHead!.link);
  });
}

/** A view into a node's tables whose triggers are off, as its database administrator can have. */
async function asAdministrator(node: TestNode): Promise<Knex> {
  const knex = openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 2 });
  onTestFinished(() => knex.destroy());
  for (const table of ['audit_links', 'audit_entries', 'audit_head'])
    await knex.raw(`alter table ${table} disable trigger user`);
  return knex;
}

/** Writes the chain anew over what the entries say now, so that it is whole again by itself. */
async function rewrite(knex: Knex, node: string): Promise<void> {
  await knex.transaction(async (trx) => {
    await trx.raw('select seq from audit_head for update');
    let previous: Uint8Array = new Uint8Array();
    for (const { link, atMs } of await linksBetween(trx, 0, 1e9, 1e6)) {
      const leaves = Buffer.concat((await entriesOf(trx, link, link)).map(entryHash));
      const hash = linkHash({ node, link, atMs, entriesHash: entriesHash(leaves), previous });
      await trx.raw(
        'update audit_links set leaves = ?, entries_hash = ?, previous = ?, hash = ? where seq = ?',
        [leaves, entriesHash(leaves), previous as Buffer, hash, link],
      );
      await trx.raw('update audit_head set previous = ?, hash = ? where seq = ?', [
        previous as Buffer,
        hash,
        link,
      ]);
      previous = hash;
    }
  });
}

describe('the national node as witness', () => {
  it('follows the chains of the provinces, and learns nothing of what is not public', async () => {
    const version = { catalogVersion: zhejiang.node.catalogVersion };
    await zhejiang.registration.submitRegistration({
      registration: validRegistration(version, { number: 1 }),
    });
    const mark = { nonPublic: true, nonPublicBasis: '涉及商业秘密' };
    const hidden = validLicence({}, { number: 1, ...mark });
    await zhejiang.exchange.submitRecord({ record: hidden });
    await Promise.all([witnessed(zhejiang), witnessed(guangdong)]);
    expect((await witnessOf(zhejiang)).brokenAt).toBeUndefined();
    const { messageId } = hidden.envelope!;
    expect((await zhejiang.dataCenter.listAuditEntries({ messageId })).entries).not.toEqual([]);
    expect((await national.dataCenter.listAuditEntries({ messageId })).entries).toEqual([]);
  });

  it('reports a province whose past was written anew, although its chain is whole by itself', async () => {
    await witnessed(zhejiang);
    const knex = await asAdministrator(zhejiang);
    await knex.raw("update audit_entries set actor = 'somebody else' where link = 1");
    await rewrite(knex, zhejiang.code);
    expect((await verifyChain(knex, zhejiang.code)).faults).toEqual([]);
    await eventually(async () => {
      expect((await witnessOf(zhejiang)).brokenAt).toBeDefined();
    });
    expect((await witnessOf(guangdong)).brokenAt).toBeUndefined();
  });

  it('reports a province that cut off the end of its chain', async () => {
    await witnessed(guangdong);
    const knex = await asAdministrator(guangdong);
    const [first] = await linksBetween(knex, 0, 1, 1);
    await knex.raw(
      `delete from audit_entries where link > 1; delete from audit_links where seq > 1;`,
    );
    await knex.raw("update audit_head set seq = 1, previous = '', hash = ?", [first!.hash]);
    expect((await verifyChain(knex, guangdong.code)).faults).toEqual([]);
    await eventually(async () => {
      expect((await witnessOf(guangdong)).brokenAt).toBeDefined();
    });
  });
});
