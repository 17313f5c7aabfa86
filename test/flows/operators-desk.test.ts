import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { DeliveryAction, DeliveryOutcome, DeliveryState } from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { validLicence, validRegistration } from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';

const NATIONAL = '100000';
const NUMBERS = Array.from({ length: 110 }, (_, index) => index + 1);

/** A province that accepted more than its backlog holds while the national node is away. */
describe('what an operator does about deliveries', () => {
  let province: TestNode;
  beforeAll(async () => {
    province = await startTestNode({
      HUB_REGION: '330000',
      HUB_UPSTREAM_URL: `http://127.0.0.1:${await freePort()}`,
      HUB_BACKLOG_LIMIT: '100',
    });
    const { results } = await province.registration.batchSubmitRegistrations({
      registrations: NUMBERS.map((number) =>
        validRegistration({ catalogVersion: '2019.12-prov' }, { number }),
      ),
    });
    expect(results.every((result) => result.outcome.case === 'receipt')).toBe(true);
  });
  afterAll(() => province.stop());

  /** Again, when an attempt that ends at this moment is in the way: of two that wait for each other one is stopped. */
  async function kill(count: number): Promise<string[]> {
    const rows = await eventually(() =>
      province.sql<{ id: number }>(
        `update deliveries set state = 3, last_reason = ?, last_error = 'x', settled_at = now()
        where id in (select id from deliveries where state = 1 order by id limit ?) returning id`,
        [ErrorReason.UNDECODABLE, count],
      ),
    );
    return rows.map((row) => String(row.id)).sort((a, b) => Number(a) - Number(b));
  }

  async function ids(request: object): Promise<string[]> {
    const { deliveries } = await province.exchange.listDeliveries(request);
    return deliveries.map((one) => one.deliveryId);
  }

  it('tells callers of every door when to come back while the backlog is full', async () => {
    const late = validRegistration({ catalogVersion: '2019.12-prov' }, { number: 500 });
    await eventually(async () => {
      await expect(
        province.registration.submitRegistration({ registration: late }),
      ).rejects.toMatchObject({ reason: 'BACKLOG_FULL', retryAfterMs: 2_000 });
      // Counted in the database, just past the limit: no count that began before comes after it.
      expect((await province.dataCenter.getNodeStatus({})).backlog).toBe(101n);
    });
    const url = `http://${province.address}/zhengzhao.v1.Registration/SubmitRegistration`;
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ registration: { envelope: { messageId: 'x' } } }),
    });
    expect(answer.status).toBe(429);
    const body = (await answer.json()) as { code: string; details: { debug?: unknown }[] };
    expect(body.code).toBe('resource_exhausted');
    expect(JSON.stringify(body.details)).toContain('"retryDelay":"2s"');
  });

  it('R54 takes what comes down even then, so that two full nodes never wait for each other', async () => {
    const record = validLicence({}, { number: 1, envelope: { sourceNode: NATIONAL } });
    const payload = toBinary(RecordSchema, record);
    const { results } = await province.exchange.deliver({
      fromNode: NATIONAL,
      toNode: '330000',
      deliveries: [
        {
          messageId: record.envelope!.messageId,
          sourceNode: NATIONAL,
          kind: MessageKind.LICENCE,
          action: DeliveryAction.CARRY,
          payload,
          digest: createHash('sha256').update(payload).digest(),
        },
      ],
    });
    expect(results[0]?.outcome).toBe(DeliveryOutcome.ACCEPTED);
  });

  it('lists deliveries by destination, state and message, page by page', async () => {
    const dead = await kill(5);
    expect(await ids({ state: DeliveryState.DEAD })).toEqual(dead);
    expect(await ids({ state: DeliveryState.DEAD, destination: '440000' })).toEqual([]);
    const { messageId } = validRegistration({}, { number: 7 }).envelope!;
    expect(await ids({ messageId })).toHaveLength(1);
    const first = await province.exchange.listDeliveries({
      state: DeliveryState.DEAD,
      pageSize: 3,
    });
    const second = await province.exchange.listDeliveries({
      state: DeliveryState.DEAD,
      pageSize: 3,
      pageToken: first.nextPageToken,
    });
    expect([...first.deliveries, ...second.deliveries].map((one) => one.deliveryId)).toEqual(dead);
    expect(second.nextPageToken).toBe('');
    expect(first.deliveries[0]).toMatchObject({
      lastReason: ErrorReason.UNDECODABLE,
      clause: 'R34 4.3.2.1(一)1; R18 4.1.3(1)',
    });
  });

  it('opens dead letters again, the oldest first, no more than asked for, and names who asked', async () => {
    const dead = await ids({ state: DeliveryState.DEAD });
    const retry = (request: object) =>
      province.exchange.retryDeliveries({ requestedBy: '值班员', ...request });
    await expect(
      province.exchange.retryDeliveries({ destination: NATIONAL }),
    ).rejects.toMatchObject({
      codeName: 'INVALID_ARGUMENT',
    });
    await expect(retry({})).rejects.toMatchObject({ codeName: 'INVALID_ARGUMENT' });
    await expect(
      retry({ deliveryIds: Array.from({ length: 501 }, (_, index) => String(index)) }),
    ).rejects.toMatchObject({ reason: 'TOO_MANY_ITEMS' });

    expect(await retry({ destination: '440000' })).toMatchObject({ reopened: 0, remaining: 0 });
    expect(await retry({ destination: NATIONAL, limit: 2 })).toMatchObject({
      reopened: 2,
      remaining: 3,
    });
    expect(await ids({ state: DeliveryState.DEAD })).toEqual(dead.slice(2));
    expect(await retry({ deliveryIds: [dead[4], 'no number'] })).toMatchObject({
      reopened: 1,
      remaining: 0,
    });
    expect(await ids({ state: DeliveryState.DEAD })).toEqual(dead.slice(2, 4));

    // One that waits after a failure is tried at once when it is named.
    const [waiting] = await province.sql<{ id: number }>(
      `update deliveries set attempts = 9, last_reason = ?, next_attempt_at = now() + interval '1 hour'
        where id = (select max(id) from deliveries where state = 1) returning id`,
      [ErrorReason.UNAVAILABLE],
    );
    const named = { deliveryIds: [String(waiting?.id)] };
    expect(await retry(named)).toMatchObject({ reopened: 1, remaining: 0, heldBack: 0 });
  });

  it('stops a replay: what has not been sent is a dead letter again, and says who had it opened', async () => {
    const retry = (stop: boolean) =>
      province.exchange.retryDeliveries({ requestedBy: '值班员', destination: NATIONAL, stop });
    expect((await retry(false)).remaining).toBe(0);
    // What is on its way at this moment goes on; then it waits, and can be stopped as well.
    await eventually(async () => {
      expect((await retry(true)).remaining).toBe(5);
    });
    const { deliveries } = await province.exchange.listDeliveries({ state: DeliveryState.DEAD });
    expect(deliveries.map((one) => one.replayedBy)).toEqual(Array(5).fill('值班员'));
    expect(deliveries.every((one) => one.lastReason !== ErrorReason.UNSPECIFIED)).toBe(true);
    // The many that were never dead letters are none now.
    const [all] = await province.sql<{ n: number }>('select count(*) as n from deliveries');
    const open = await ids({ state: DeliveryState.OPEN, pageSize: 500 });
    expect(open).toHaveLength(Number(all?.n) - 5);
  });

  it('keeps why a dead letter was sent again, for the audit, the list and the life line', async () => {
    const [id] = await kill(1);
    const retry = (reason: string, requestedBy = '王值班') =>
      province.exchange.retryDeliveries({ deliveryIds: [id ?? ''], requestedBy, reason });
    await expect(retry('长'.repeat(201))).rejects.toMatchObject({
      reason: 'VALIDATION_FAILED',
      findings: [{ field: 'reason', code: 'TOO_LONG' }],
    });
    expect(await retry('对方已修复')).toMatchObject({ reopened: 1 });

    const { deliveries } = await province.exchange.listDeliveries({ pageSize: 500 });
    const replayed = deliveries.find(({ deliveryId }) => deliveryId === id);
    expect(replayed).toMatchObject({ replayedBy: '王值班', replayReason: '对方已修复' });
    expect(replayed?.replayedAt).toBeDefined();
    const { messageId = '' } = replayed ?? {};
    const { steps } = await province.exchange.getMessage({ messageId, localOnly: true });
    expect(steps.map(({ textZh }) => textZh)).toContain(`王值班 重新投递到 ${NATIONAL}:对方已修复`);
    await expect(retry('x', '长'.repeat(101))).rejects.toMatchObject({
      reason: 'VALIDATION_FAILED',
      findings: [{ field: 'requested_by', code: 'TOO_LONG' }],
    });
    // The actor is who called, as it was proved; the name is the caller's word and stands beside it.
    const named = await province.dataCenter.listAuditEntries({ actor: '王值班' });
    expect(named.entries).toEqual([]);
    const { entries } = await province.dataCenter.listAuditEntries({ actor: 'trial' });
    expect(entries.map(({ action, outcome }) => [action, outcome])).toContainEqual([
      'deliveries.retry',
      'reopened=1 held_back=0 stopped=0 by=王值班 reason=对方已修复',
    ]);
  });
});
