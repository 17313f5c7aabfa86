import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { AuditKind, type AuditEntry } from '#gen/zhengzhao/v1/audit_pb.js';
import { HubClientError } from '../../clients/hub-client-error.js';
import { verifyChain } from '../../server/audit/verify-chain.js';
import { openDatabase } from '../../server/storage/database.js';
import { testUscc, validLicence, validRegistration } from '../support/builders.js';
import { eventually, startTestNode, type TestNode } from '../support/nodes.js';

let node: TestNode;
let knex: Knex;

beforeAll(async () => {
  node = await startTestNode({});
  knex = openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 2 });
});
afterAll(async () => {
  await knex.destroy();
  await node.stop();
});

function registration(number: number) {
  return validRegistration({ catalogVersion: node.node.catalogVersion }, { number });
}

async function all(filter: object = {}): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let pageToken = '';
  do {
    const page = await node.dataCenter.listAuditEntries({ ...filter, pageSize: 3, pageToken });
    entries.push(...page.entries);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return entries;
}

describe('the audit', () => {
  it('records who reported what and which rules routed it, once, with ids and digests only', async () => {
    const event = registration(1);
    const first = await node.registration.submitRegistration({ registration: event });
    await node.registration.submitRegistration({ registration: event });
    const entries = await all({ messageId: event.envelope!.messageId });
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      kind: AuditKind.SUBMISSION,
      actor: event.envelope!.sourceOrg,
      action: 'submit',
      digest: first.receipt!.digest,
      outcome: 'APPLIED',
      rules: expect.arrayContaining([expect.stringMatching(/>100000$/)]) as string[],
    });
    const text = JSON.stringify(entries, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    for (const content of [event.entName, event.uscc, event.envelope!.businessKey])
      if (content) expect(text).not.toContain(content);
  });

  it('records refusals by rule without anything of the message, and reads by their subject', async () => {
    const refused = validLicence({ licNo: '' }, { number: 2 });
    await expect(node.exchange.submitRecord({ record: refused })).rejects.toThrow(HubClientError);
    await node.registration.getEnterprise({ uscc: testUscc(1) });
    const reads = await all({ kind: AuditKind.READ });
    expect(reads.filter(({ action }) => action === 'Registration.GetEnterprise')).toMatchObject([
      { subject: testUscc(1), outcome: 'ANSWERED' },
    ]);
    // Noted after the answer.
    const refusal = await eventually(async () => {
      const [first] = await all({ kind: AuditKind.REFUSAL });
      expect(first).toMatchObject({ messageId: '', outcome: 'VALIDATION_FAILED' });
      return first;
    });
    expect(refusal!.rules.length).toBeGreaterThan(0);
    expect(await all({ messageId: refused.envelope!.messageId })).toEqual([]);
  });

  it('R55 holds a record that is not public by its id only', async () => {
    const record = validLicence({}, { number: 1, nonPublic: true, nonPublicBasis: '涉及商业秘密' });
    await node.exchange.submitRecord({ record });
    const [entry] = await all({ messageId: record.envelope!.messageId });
    expect(entry!.rules.join()).toContain('UP-HELD-BACK');
    expect(entry!.subject).toBe('');
  });

  it('accepts nothing that it can not record: UNAVAILABLE, and nothing is stored', async () => {
    const count = async (): Promise<unknown> =>
      (await node.sql('select count(*), max(seq) from messages'))[0];
    const before = await count();
    await knex.raw('alter table audit_entries rename to audit_entries_away');
    onTestFinished(async () => {
      await knex.raw('alter table if exists audit_entries_away rename to audit_entries');
    });
    const event = registration(4);
    const unavailable = expect.objectContaining({ reason: 'UNAVAILABLE' }) as HubClientError;
    await expect(node.registration.submitRegistration({ registration: event })).rejects.toEqual(
      unavailable,
    );
    await expect(
      node.registration.batchSubmitRegistrations({ registrations: [event, registration(5)] }),
    ).rejects.toEqual(unavailable);
    await expect(node.registration.getEnterprise({ uscc: testUscc(1) })).rejects.toEqual(
      unavailable,
    );
    expect(await count()).toEqual(before);

    await knex.raw('alter table audit_entries_away rename to audit_entries');
    const { receipt } = await node.registration.submitRegistration({ registration: event });
    expect(receipt?.duplicate).toBe(false);
  });

  it('can not be changed or deleted by an ordinary statement', async () => {
    for (const sql of [
      "update audit_entries set actor = 'x'",
      'delete from audit_links where seq = 1',
      'truncate audit_entries',
      'update audit_head set seq = 0',
      'delete from audit_head',
    ])
      await expect(knex.raw(sql)).rejects.toMatchObject({ code: '23001' });
  });

  it('is one chain, however many processes write at once', async () => {
    const second = await startTestNode({ HUB_DATABASE_SCHEMA: node.schema });
    onTestFinished(() => second.stop());
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        (index % 2 === 0 ? node : second).registration.submitRegistration({
          registration: registration(100 + index),
        }),
      ),
    );
    const verdict = await verifyChain(knex, node.code);
    expect(verdict.faults).toEqual([]);
    // Listing is recorded itself, behind the head that was verified.
    const listed = (await all()).filter(({ link }) => link <= verdict.head.link);
    expect(listed).toHaveLength(verdict.entries);
  });
});
