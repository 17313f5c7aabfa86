import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startTestNode, type TestNode } from '../support/nodes.js';

const execute = promisify(execFile);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the example as the README says. */
async function register(address: string): Promise<Ended> {
  const args = ['--import', 'tsx', 'examples/register.ts', address];
  return execute(process.execPath, args).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as Ended,
  );
}

describe('examples/register.ts', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
  });
  afterAll(() => node.stop());

  it('checks an enterprise, tells whom it would reach and why, and is accepted once', async () => {
    const { code, stdout, stderr } = await register(node.address);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('可受理 acceptable');
    expect(stdout).toMatch(
      /→ 浙江省市场监督管理局 330000000M660 {2}\[DEPT-OPTIMISED, R15 3\.2\.4\]/,
    );
    expect(stdout).toMatch(/→ \S+ 100000 {2}\[UP-REGISTRATION, R34 /);
    expect(stdout).toContain('→ 本节点 this node  [PUBLISH-REGISTRATION, R17 ');
    const receipts = [...stdout.matchAll(/回执 receipt (\S+) (\S+)/g)];
    expect(receipts.map(([, , outcome]) => outcome)).toEqual(['已入库', '已受理过']);
    expect(receipts[0]?.[1]).toBe(receipts[1]?.[1]);

    const [, uscc] = /企业 enterprise {2}\S+ {2}(\w{18})/.exec(stdout) ?? [];
    const { events } = await node.registration.listRegistrationEvents({ uscc: uscc! });
    expect(events.map((one) => one.receipt?.receiptNo)).toEqual([receipts[0]?.[1]]);
    const [, messageId] = /消息 message {5}(\S+)/.exec(stdout) ?? [];
    const { receipt } = await node.exchange.getMessage({ messageId: messageId! });
    expect(receipt?.receiptNo).toBe(receipts[0]?.[1]);
    const { packages } = await node.dataCenter.listPackages({ receivingDeptCode: '330000000M660' });
    expect(packages).toHaveLength(1);
  });

  it('says what to do when no node runs', async () => {
    const port = await freePort();
    const { code, stderr } = await register(`127.0.0.1:${port}`);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `127.0.0.1:${port} 没有节点在运行,请先执行 npm start · no node runs at 127.0.0.1:${port}; start one with npm start.\n`,
    );
  });
});
