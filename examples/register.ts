/**
 * A registration system at work: node --import tsx examples/register.ts [address]
 *
 * Asks a running node what a scope implies, checks a registration, submits it, and submits it again
 * as after a lost answer. The address is 127.0.0.1:7330 when none is given.
 */
import type { Destination, Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { createGrpcClient } from '../clients/grpc.js';
import { HubClientError } from '../clients/hub-client-error.js';
import { DISTRICT, newEnterprise, ZONE } from './new-enterprise.js';

/** 会议及展览服务 and 餐饮服务, as SearchScopeEntries finds them. */
const TICKED = ['PA0001', 'PA0015'];

function say(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function register(address: string): Promise<void> {
  const catalog = createGrpcClient(ScopeCatalog, address);
  const client = createGrpcClient(Registration, address);
  try {
    const scope = await catalog.resolveScope({
      regionCode: DISTRICT,
      ftz: ZONE.name,
      ftzArea: ZONE.area,
      scopeEntryCodes: TICKED,
    });
    const registration = newEnterprise(scope, Date.now());
    say(
      `企业 enterprise  ${registration.entName}  ${registration.uscc}`,
      `消息 message     ${registration.envelope?.messageId ?? ''}`,
      scope.opScope,
      '',
    );

    const { acceptable, findings, destinations } = await client.checkRegistration({ registration });
    say(`校验 check       ${acceptable ? '可受理 acceptable' : '不可受理 not acceptable'}`);
    say(...findings.map(describeFinding), ...destinations.map(describeDestination), '');

    for (const time of ['第一次 first ', '第二次 second']) {
      const { receipt } = await client.submitRegistration({ registration });
      say(
        `报送 ${time} 回执 receipt ${receipt?.receiptNo ?? ''} ` +
          (receipt?.duplicate ? '已受理过 accepted before' : '已入库 stored'),
      );
    }
  } finally {
    catalog.close();
    client.close();
  }
}

function describeFinding({ rule, field, messageZh, messageEn }: Finding): string {
  return `  ${rule} ${field}: ${messageZh} · ${messageEn}`;
}

function describeDestination(destination: Destination): string {
  const { name, code, rule, clause, reasonZh } = destination;
  // What the node itself shows or shares goes to nobody that has a code.
  const where = [name, code].filter((part) => part !== '').join(' ') || '本节点 this node';
  return `  → ${where}  [${rule}, ${clause}] ${reasonZh}`;
}

function explain(error: unknown, address: string): string {
  if (!(error instanceof HubClientError)) return String(error);
  if (error.codeName === 'UNAVAILABLE' && error.reason === undefined)
    return `${address} 没有节点在运行,请先执行 npm start · no node runs at ${address}; start one with npm start.`;
  return [`${error.messageZh} · ${error.messageEn}`, ...error.findings.map(describeFinding)].join(
    '\n',
  );
}

const address = process.argv[2] ?? '127.0.0.1:7330';
try {
  await register(address);
} catch (error) {
  process.stderr.write(`${explain(error, address)}\n`);
  process.exitCode = 1;
}
