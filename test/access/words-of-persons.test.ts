import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient, type GrpcClient } from '../../clients/grpc.js';
import { issueToken, register } from '../../server/access/principals.js';
import type { Role } from '../../server/domain/access/principal.js';
import { openDatabase } from '../../server/storage/database.js';
import {
  AUTHORITY,
  REGISTRY_ORG,
  testCounterpart,
  testMessageId,
  validLicence,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';
import { makeTrust, type Trust } from '../support/trust.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const SAMR = '11100000MB0143028R';
const REACH = { regions: null, permitItems: null, actsFor: [] };

interface Caller {
  readonly registration: GrpcClient<typeof Registration>;
  readonly exchange: GrpcClient<typeof Exchange>;
  readonly dataCenter: GrpcClient<typeof DataCenter>;
}

/** A licence of the national level for an enterprise of the province, by another name. */
function misnamed(number: number) {
  return validLicence(
    {
      licAuthorityCode: SAMR,
      licAuthorityName: '国家市场监督管理总局',
      counterpart: testCounterpart(number, { entName: '完全不同的名称有限公司' }),
    },
    { number, envelope: { sourceNode: '100000', sourceOrg: SAMR } },
  );
}

/** What persons of a province typed about a message is for that province. */
describe('words of persons', () => {
  let trust: Trust;
  let national: TestNode;
  let province: TestNode;
  let above: Caller;
  let here: Caller;
  const opened: { close(): void }[] = [];

  beforeAll(async () => {
    trust = await makeTrust();
    const [upper, lower] = [await freePort(), await freePort()];
    national = await startTestNode({
      ...(await trust.envOf(await trust.issue('node', '100000'))),
      HUB_LEVEL: 'national',
      HUB_PORT: String(upper),
      HUB_NODES: `330000=https://localhost:${lower}`,
    });
    province = await startTestNode({
      ...(await trust.envOf(await trust.issue('node', '330000'))),
      HUB_REGION: '330000',
      HUB_PORT: String(lower),
      HUB_UPSTREAM_URL: `https://localhost:${upper}`,
    });
    above = await caller(national, 'administrator', 'above');
    here = await caller(province, 'administrator', 'here');
    const { registration } = await caller(province, 'registry', REGISTRY_ORG);
    for (const number of [1, 2])
      await registration.submitRegistration({
        registration: validRegistration(CATALOGUE, { number }),
      });
    await quiet();
  });
  afterAll(async () => {
    for (const client of opened) client.close();
    await province.stop();
    await national.stop();
    await trust.remove();
  });

  async function caller(node: TestNode, role: Role, code: string): Promise<Caller> {
    const knex = openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 2 });
    await register(knex, role, code, REACH);
    const { token } = await issueToken(knex, role, code, 1);
    await knex.destroy();
    const address = `localhost:${node.node.port}`;
    const options = { tls: { ca: trust.ca }, token };
    const clients = {
      registration: createGrpcClient(Registration, address, options),
      exchange: createGrpcClient(Exchange, address, options),
      dataCenter: createGrpcClient(DataCenter, address, options),
    };
    opened.push(...Object.values(clients));
    return clients;
  }

  function quiet(): Promise<void> {
    return eventually(async () => {
      for (const node of [national, province])
        expect(await node.sql('select id from deliveries where state = 1')).toEqual([]);
    });
  }

  /** The province's part of a life line, as its own administrators and as the national node's see it. */
  async function partsOf(messageId: string, sourceNode: string) {
    const asked = await Promise.all(
      [here, above].map(({ exchange }) => exchange.getMessage({ messageId, sourceNode })),
    );
    const [own = [], told = []] = asked.map(({ steps, unreachableNodes }) => {
      expect(unreachableNodes).toEqual([]);
      return steps.filter(({ node }) => node === '330000');
    });
    const outline = (steps: typeof own) =>
      steps.map(({ stage, at, rule, destination }) => ({ stage, at, rule, destination }));
    // Nothing is missing: the same happened, at the same time, for the same rule.
    expect(outline(told)).toEqual(outline(own));
    const texts = (steps: typeof own): string =>
      steps.map(({ textZh, textEn }) => `${textZh}\n${textEn}`).join('\n');
    return { own: texts(own), told: texts(told) };
  }

  it('a name that was typed for a department stays in the province', async () => {
    const request = { receivingDeptCode: AUTHORITY.code };
    const { packages } = await here.dataCenter.listPackages(request);
    await here.dataCenter.acknowledgePackage({
      ...request,
      packageId: packages[0]?.packageId ?? '',
      status: PackageStatus.REASSIGNED,
      reassignedDeptCode: '330000000M120',
      reassignedDeptName: '公安局(找张三)',
      by: '李四',
      note: '赵六来电',
    });
    const { own, told } = await partsOf(testMessageId(1, 1), '330000');
    expect(own).toContain('已为 公安局(找张三) 生成数据包');
    expect(told).toContain('已为 330000000M120 生成数据包');
    expect(told).not.toMatch(/张三|李四|赵六/);
  });

  it('who sent a dead letter again, and why, stays in the province', async () => {
    const messageId = testMessageId(1, 2);
    const [{ id } = { id: 0 }] = await province.sql<{ id: number }>(
      `update deliveries d set state = 3, last_reason = ?, last_error = '经办人张三说不收'
         from messages m where m.seq = d.message_seq and m.message_id = ? returning d.id`,
      [ErrorReason.UNDECODABLE, messageId],
    );
    const dead = await partsOf(messageId, '330000');
    expect(dead.own).toContain('100000 退回,成为死信:经办人张三说不收');
    expect(dead.told).toContain('100000 退回,成为死信:UNDECODABLE');
    expect(dead.told).not.toContain('张三');

    const again = { deliveryIds: [String(id)], requestedBy: '李四', reason: '赵六已修复' };
    expect(await here.exchange.retryDeliveries(again)).toMatchObject({ reopened: 1 });
    await quiet();
    const { own, told } = await partsOf(messageId, '330000');
    expect(own).toContain('李四 重新投递到 100000:赵六已修复');
    expect(told).toContain('经人工重新投递到 100000');
    expect(told).not.toMatch(/张三|李四|赵六/);
  });

  it('R29 who attributed a record, or why it was sent back, stays in the province', async () => {
    const { exchange } = await caller(national, 'department', SAMR);
    const records = [1, 2].map(misnamed);
    for (const record of records) await exchange.submitRecord({ record });
    await quiet();
    const [named = '', returned = ''] = records.map(({ envelope }) => envelope?.messageId);
    const by = { sourceNode: '100000', resolvedBy: '李四' };
    await here.dataCenter.resolveUnattributed({
      ...by,
      messageId: named,
      resolution: { case: 'attributeToUscc', value: validRegistration().uscc },
    });
    await here.dataCenter.resolveUnattributed({
      ...by,
      messageId: returned,
      resolution: { case: 'sendBackReason', value: '赵六说不是本企业' },
    });
    await quiet();
    const one = await partsOf(named, '100000');
    expect(one.own).toContain('已记名(manual,李四)');
    expect(one.told).toContain('已记名(manual)');
    expect(one.told).not.toContain('李四');
    const other = await partsOf(returned, '100000');
    expect(other.own).toContain('未能记名,已退回:赵六说不是本企业');
    expect(other.told).toContain('未能记名,已退回:NAME_DIFFERS');
    expect(other.told).not.toMatch(/李四|赵六/);
  });
});

describe('nodes that are tried out', () => {
  let national: TestNode;
  let province: TestNode;
  beforeAll(async () => {
    const [upper, lower] = [await freePort(), await freePort()];
    national = await startTestNode({
      HUB_LEVEL: 'national',
      HUB_PORT: String(upper),
      HUB_NODES: `330000=http://127.0.0.1:${lower}`,
    });
    province = await startTestNode({
      HUB_REGION: '330000',
      HUB_PORT: String(lower),
      HUB_UPSTREAM_URL: `http://127.0.0.1:${upper}`,
    });
    const registration = validRegistration(CATALOGUE);
    await province.registration.submitRegistration({ registration });
  });
  afterAll(async () => {
    await province.stop();
    await national.stop();
  });

  it('tell each other no words of persons either, though anybody may do everything there', async () => {
    const request = { messageId: testMessageId(1, 1), sourceNode: '330000' };
    const textsAt = async ({ exchange }: TestNode): Promise<string> => {
      const { steps } = await exchange.getMessage(request);
      return steps.map(({ textZh }) => textZh).join('\n');
    };
    await eventually(async () => {
      expect(await textsAt(national)).toContain('100000 已取');
    });
    await province.sql(
      `update deliveries set replayed_by = '李四', replayed_at = now(), replay_reason = '赵六已修复'`,
    );
    expect(await textsAt(province)).toContain('李四 重新投递到 100000:赵六已修复');
    expect(await textsAt(national)).toContain('重新投递到 100000');
    expect(await textsAt(national)).not.toMatch(/李四|赵六/);
  });

  it('R55 tell the national node nothing of what is not public, and never a digest', async () => {
    const record = validLicence();
    const messageId = record.envelope?.messageId ?? '';
    await province.exchange.submitRecord({ record });
    await eventually(() => national.exchange.getMessage({ messageId, sourceNode: '330000' }));
    // As a node asks another.
    const asked = { messageId, sourceNode: '330000', askedNodes: ['100000', '330000'] };
    const told = await province.exchange.getMessage(asked);
    expect(told.steps).not.toEqual([]);
    expect([told.receipt?.digest, told.receipt?.proof]).toEqual(['', undefined]);
    await province.exchange.setRecordPublicity({ change: validPublicityChange() });
    await expect(province.exchange.getMessage(asked)).rejects.toMatchObject({
      reason: 'NOT_FOUND',
    });
    const { unreachableNodes } = await national.exchange.getMessage({
      messageId,
      sourceNode: '330000',
    });
    expect(unreachableNodes).toEqual(['330000']);
    expect((await province.exchange.getMessage({ messageId })).receipt?.digest).not.toBe('');
  });
});
