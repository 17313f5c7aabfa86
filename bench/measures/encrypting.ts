import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { register } from '../../server/access/principals.js';
import { REGISTRY_ORG } from '../../test/support/builders.js';
import { Registrations } from '../load/registrations.js';
import { ratio, type Family } from '../measure.js';
import { startPair, type Pair } from '../stage/pair.js';
import type { Stage } from '../stage/stage.js';
import { makeTrust, type Trust } from '../stage/trust.js';
import { deliveringPair } from './delivering-pair.js';

/** The same batches in plaintext, and with certificates shown by everybody: nodes and sender. */
export const encrypting: Family = {
  name: 'encrypting',
  needsRedis: true,
  goals: [
    {
      name: 'mtls_ratio',
      title: '双向 TLS ÷ 明文,批量送达 · mutual TLS on ÷ off, batches delivered',
      atLeast: 0.8,
      aim: 0.9,
      lessIsBetter: false,
      valueOf: ratio('perSecond', 'hub, mutual TLS', 'hub, plaintext'),
    },
  ],
  open: async (stage) => {
    const registrations = new Registrations();
    const trust = await makeTrust(await stage.freshDirectory());
    const encrypted = await startEncrypted(stage, trust);
    const plain = await startPair(stage, { redis: true });
    const client = createGrpcClient(
      Registration,
      encrypted.province.address.replace('127.0.0.1', 'localhost'),
      { tls: await trust.showing('registry', REGISTRY_ORG) },
    );
    const pairs = [
      deliveringPair('hub, mutual TLS', encrypted, registrations, [client]),
      deliveringPair('hub, plaintext', plain, registrations),
    ];
    return {
      contenders: pairs.map(({ contender }) => contender),
      close: async () => {
        for (const pair of pairs) await pair.close();
        await encrypted.stop();
        await plain.stop();
      },
    };
  },
};

async function startEncrypted(stage: Stage, trust: Trust): Promise<Pair> {
  const pair = await startPair(stage, {
    redis: true,
    scheme: 'https',
    province: await trust.envOf('330000'),
    national: await trust.envOf('100000'),
  });
  const reach = { regions: null, permitItems: null, actsFor: [] };
  await register(pair.province.knex, 'registry', REGISTRY_ORG, reach);
  return pair;
}
