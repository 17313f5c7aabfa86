import type { Knex } from 'knex';
import { pino } from 'pino';
import { Channel } from '#gen/zhengzhao/v1/package_pb.js';
import type { Backlog } from '../../server/intake/backlog.js';
import type { NodeContext } from '../../server/domain/decision/decision.js';
import type { ValidationContext } from '../../server/domain/validation/validator.js';
import { Intake } from '../../server/intake/intake.js';
import type { Lane } from '../../server/domain/lane.js';
import { NATIONAL_NODE, nodeOfRegOrg } from '../../server/reference/nodes.js';
import { provinceOf } from '../../server/reference/region-codes.js';
import { BUILDER_NOW_MS } from './builders.js';
import { testCatalog } from './catalog.js';
import { generatePrivatePem, readSigningKey, type SigningKey } from '../../server/signing/keys.js';
import { zhejiangContext } from './validation-context.js';

let signer: SigningKey | undefined;

/** A key for receipts, the same for the whole test file. */
export function testSigner(): SigningKey {
  signer ??= readSigningKey(generatePrivatePem('ed25519'));
  if (!signer) throw new Error('a key that was just made can not be read');
  return signer;
}

/** Node 330000, or the national one, on the day of the builders, over a test catalogue. */
export function nodeContext(level: NodeContext['level'] = 'provincial'): NodeContext {
  const catalog = testCatalog();
  return {
    node: level === 'national' ? NATIONAL_NODE : '330000',
    level,
    nationalNode: NATIONAL_NODE,
    channels: [Channel.NATIONAL_EXCHANGE],
    nowMs: BUILDER_NOW_MS,
    catalogOn: (date) => catalog.on(date),
    homeNodeOf: (regOrg, domDistrict) =>
      regOrg === NATIONAL_NODE ? provinceOf(domDistrict) : nodeOfRegOrg(regOrg)?.code,
  };
}

/** What validation knows at that node. */
export function validationAt(level: NodeContext['level'] = 'provincial'): ValidationContext {
  return zhejiangContext(level === 'national' ? { node: NATIONAL_NODE, level } : {});
}

/** An intake on a schema, as one process of the node has it. `backlog`: unset, there is room for all. */
export function openIntake(
  knex: Knex,
  level: NodeContext['level'] = 'provincial',
  wake: (wakes: readonly Lane[]) => void = () => undefined,
  backlog?: Backlog,
): Intake {
  return new Intake({
    knex,
    wake,
    signer: testSigner(),
    log: pino({ level: process.env['HUB_TEST_LOG'] ?? 'silent' }),
    limits: { connections: 2, batchSize: 50, waiting: 5_000 },
    context: () => nodeContext(level),
    ...(backlog && { backlog }),
  });
}
