import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { comparedDays } from '../../server/domain/reconciliation.js';
import { AUTHORITY, testUscc, validLicence, validRegistration } from '../support/builders.js';
import { hub, hubJson } from '../support/command-line.js';
import { freePort, startTestNode, type TestNode } from '../support/nodes.js';
import { tokenFor } from '../support/tokens.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };

describe('the commands against a real node', () => {
  let node: TestNode;
  let dir: string;
  let env: Record<string, string>;
  const registration = validRegistration(CATALOGUE);
  const messageId = registration.envelope?.messageId ?? '';
  const waiting = validLicence({}, { number: 9 });

  beforeAll(async () => {
    // Its national node is not there, so that a delivery waits.
    const upstream = `http://127.0.0.1:${await freePort()}`;
    node = await startTestNode({ HUB_REGION: '330000', HUB_UPSTREAM_URL: upstream });
    env = { HUB_SERVER: node.address };
    dir = await mkdtemp(join(tmpdir(), 'hub-commands-'));
    await node.registration.submitRegistration({ registration });
    await node.exchange.submitRecord({ record: waiting });
  });
  afterAll(async () => {
    await node.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it('status and trace tell the state of the node and the life of a message with its clauses', async () => {
    const status = await hubJson<object>(['status'], { env });
    expect(status).toMatchObject({ code: 0, json: { node: '330000', level: 'provincial' } });
    await node.sql(
      `update daily_tasks set failed_at = '2026-03-01T03:30:01+08:00', failure_zh = '未能对账。',
                              failure_en = 'Not compared.' where name = 'reconcile'`,
    );
    const told = await hub(['status'], { env });
    expect(told.stdout).toMatch(
      /^reconcile .*:00 +2026-03-01 03:30:01 +未能对账。 \/ Not compared\.$/m,
    );
    const trial = { role: 'trial', roleZh: '试用', roleEn: 'trial', code: '' };
    expect(await hubJson<object>(['whoami'], { env })).toMatchObject({ code: 0, json: trial });
    const shown = await hub(['trace', messageId, '--local'], { env });
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^A1 /m);
    expect(shown.stdout).toContain('R34');
    const lost = await hubJson<object>(['trace', '00000000-0000-4000-8000-00000000abcd'], { env });
    expect(lost).toMatchObject({ code: 1, json: { error: { reason: 'NOT_FOUND' } } });
  });

  it('R7 R25 catalogue search finds entries; a province may check the central tables and not publish them', async () => {
    const search = ['catalogue', 'search', 'cyfw', '--limit', '2'];
    const { json } = await hubJson<{ matches: { entry: { name: string } }[] }>(search, { env });
    expect(json.matches[0]?.entry.name).toBe('餐饮服务');
    const refused = await hubJson<object>(['catalogue', 'publish', 'reference/catalogue'], { env });
    expect(refused).toMatchObject({ code: 1, json: { error: { reason: 'WRONG_LEVEL' } } });
    const local = ['catalogue', 'import', 'reference/catalogue-330000'];
    expect(await hubJson<object>(local, { env })).toMatchObject({
      code: 0,
      json: { published: false, catalogVersion: { layer: '330000' } },
    });
    const items = ['catalogue', 'compare', '--table', 'PERMIT_ITEM', '--limit', '2'];
    const compared = await hubJson<{ changes: unknown[] }>(items, { env });
    const change = { table: 'CATALOG_TABLE_PERMIT_ITEM', kind: 'CATALOG_CHANGE_KIND_ADDED' };
    expect(compared.json.changes).toMatchObject([change, change]);
    const shown = await hub(items, { env });
    expect(shown.stdout).toMatch(/新版本 to +2019\.12-prov/);
  });

  it('R26 R33 packages are listed, fetched and acknowledged', async () => {
    const dept = ['--dept', AUTHORITY.code];
    const list = ['packages', 'list', ...dept];
    const { json } = await hubJson<{ packages: { packageId: string }[] }>(list, { env });
    const [{ packageId } = { packageId: '' }] = json.packages;
    const shown = await hub(['packages', 'get', packageId, ...dept], { env });
    expect(shown.stdout).toContain(testUscc(1));
    const ack = ['packages', 'ack', packageId, ...dept, '--status', 'RECEIVED', '--by', '值班员'];
    const done = await hubJson<object>(ack, { env });
    const expected = { package: { status: 'PACKAGE_STATUS_RECEIVED' } };
    expect(done).toMatchObject({ code: 0, json: expected });
    const report = await hubJson<object>(['report', ...dept], { env });
    const figures = { receivingDeptCode: AUTHORITY.code, packages: '1', sent: '1', received: '1' };
    expect(report).toMatchObject({ code: 0, json: { departments: [figures] } });
    const whole = await hub(['report'], { env });
    expect(whole.code).toBe(0);
    for (const text of ['接收部门 department', '来源 origin', AUTHORITY.code])
      expect(whole.stdout).toContain(text);
  });

  it('R29 worklist shows what waits and sends it back', async () => {
    const { json } = await hubJson<{ records: { messageId: string }[] }>(['worklist', 'list'], {
      env,
    });
    const id = waiting.envelope?.messageId ?? '';
    expect(json.records.map((one) => one.messageId)).toEqual([id]);
    const resolve = ['worklist', 'resolve', id, '--source-node', '330000', '--by', '值班员'];
    expect((await hub(resolve, { env })).code).toBe(2);
    expect((await hub([...resolve, '--send-back', '查无此企业'], { env })).code).toBe(0);
  });

  it('F21 deliveries and reconcile show what waits for the national node', async () => {
    const list = ['deliveries', 'list', '--destination', '100000', '--state', 'OPEN'];
    const { json } = await hubJson<{ deliveries: { messageId: string }[] }>(list, { env });
    expect(json.deliveries.map((one) => one.messageId)).toContain(messageId);
    const retry = [
      'deliveries',
      'retry',
      '--destination',
      '100000',
      '--by',
      '值班员',
      '--reason',
      '已修复',
    ];
    expect(await hubJson<object>(retry, { env })).toMatchObject({ code: 0, json: { reopened: 0 } });
    const days = ['--from', '2019-12-01', '--to', '2019-12-31'];
    const reconciled = await hubJson<object>(['reconcile', '100000', ...days], { env });
    expect(reconciled).toMatchObject({ code: 0, json: { here: [], differences: [] } });
    const wrong = await hub(['reconcile', '440000', ...days], { env });
    expect([wrong.code, wrong.stdout]).toEqual([1, expect.stringContaining('peer_node')]);
  });

  it('F21 reconcile asks both nodes about the last seven days, when none are stated', async () => {
    const national = await startTestNode({
      HUB_LEVEL: 'national',
      HUB_NODES: `330000=http://${node.address}`,
    });
    onTestFinished(() => national.stop());
    const args = ['reconcile', '100000', '--with', national.address];
    const { code, json } = await hubJson<object>(args, { env });
    expect([code, json]).toEqual([
      0,
      { ...comparedDays(Date.now()), here: [], there: [], differences: [] },
    ]);
    const shown = await hub(args, { env });
    expect(shown.stdout).toMatch(/一致 · equal/);
    const half = await hub([...args, '--from', '2019-12-01'], { env });
    expect([half.code, half.stderr]).toEqual([2, expect.stringContaining('--to')]);
  });

  /** A port that refuses every call, and what the last one showed. */
  async function refusing() {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer().on('stream', (stream, headers) => {
      seen.push(headers);
      const refusal = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16' };
      stream.respond(refusal, { endStream: true });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    return { address: `127.0.0.1:${port}`, tokens: () => seen.map((one) => one['authorization']) };
  }

  it('sends the token of its file as a bearer token', async () => {
    const { address, tokens } = await refusing();
    const file = join(dir, 'token');
    await writeFile(file, 'abc.def\n');
    const { code } = await hub(['status', '--server', address, '--token-file', file]);
    expect([code, tokens()]).toEqual([1, ['Bearer abc.def']]);
  });

  it('F21 reconcile shows the other node its own token only', async () => {
    const { address, tokens } = await refusing();
    const [own, others] = [join(dir, 'own'), join(dir, 'others')];
    await writeFile(own, await tokenFor(node, 'administrator', '值班员'));
    await writeFile(others, 'abc.def\n');
    const args = ['reconcile', '100000', '--with', address, '--token-file', own];
    expect((await hub(args, { env })).code).toBe(1);
    expect((await hub([...args, '--with-token-file', others], { env })).code).toBe(1);
    expect(tokens()).toEqual([undefined, 'Bearer abc.def']);
  });
});
