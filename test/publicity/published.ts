import { LicenceEndKind, LicenceState, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  testMessageId,
  testUscc,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validRegistration,
} from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

/** Never on a page: each stands in something that is not public. */
export const SECRETS = {
  licenceNo: 'JY-GEHEIM-0001',
  licenceName: '绝密许可证名称',
  basis: '涉及商业秘密的绝密依据',
  tel: '05808887776',
  citizen: '11010519491231002X',
  phone: '13812345678',
} as const;

/** A name that would be more than text where it is not escaped; the validator would refuse it. */
export const HOSTILE_NAME =
  '"><script>alert(1)</script>&lt;<img src=x onerror=alert(2)>\'餐饮有限公司';

/** Numbers of the enterprises: the one with everything, a hostile one, some of nearly one name. */
export const NUMBERS = { full: 1, hostile: 2, alike: 100, crowd: 25 } as const;

/** A node with something of every kind to publish, and secrets beside it. */
export async function startPublishedNode(
  env: globalThis.Record<string, string> = {},
): Promise<TestNode> {
  const node = await startTestNode({ HUB_REGION: '330000', ...env });
  await register(node, registration(NUMBERS.full, { tel: SECRETS.tel, postalCode: '316000' }));
  await register(node, registration(NUMBERS.hostile, {}));
  await node.sql('update enterprises set ent_name = ? where uscc = ?', [
    HOSTILE_NAME,
    testUscc(NUMBERS.hostile),
  ]);
  for (let number = NUMBERS.alike; number < NUMBERS.alike + NUMBERS.crowd; number += 1)
    await register(node, registration(number, { entName: `舟山市同名${number}号餐饮有限公司` }));
  const { results } = await node.exchange.batchSubmitRecords({ records: records() });
  const refusals = results.flatMap(({ outcome }) =>
    outcome.case === 'refusal' ? [outcome.value.messageEn] : [],
  );
  if (refusals.length > 0) throw new Error(refusals.join('\n'));
  return node;
}

function registration(
  number: number,
  overrides: Parameters<typeof validRegistration>[0],
): RegistrationEvent {
  return validRegistration({ catalogVersion: '2019.12-prov', ...overrides }, { number });
}

async function register(node: TestNode, event: RegistrationEvent): Promise<void> {
  await node.registration.submitRegistration({ registration: event });
}

function id(number: number): { envelope: { messageId: string } } {
  return { envelope: { messageId: testMessageId(40, number) } };
}

function records(): Record[] {
  const secret = { licNo: SECRETS.licenceNo, licName: SECRETS.licenceName };
  return [
    validLicence({ valTo: '', longTerm: true }),
    validLicence({ licId: 'LIC-EXPIRED', licNo: 'JY-EXPIRED' }, id(1)),
    validLicence(
      {
        licId: 'LIC-REVOKED',
        licNo: 'JY-REVOKED',
        licState: LicenceState.INVALID,
        endKind: LicenceEndKind.REVOKED,
        endDate: '2020-03-01',
        endReason: '不再符合条件',
      },
      id(2),
    ),
    validLicence(
      { licId: 'LIC-SECRET', ...secret },
      { ...id(3), nonPublic: true, nonPublicBasis: SECRETS.basis },
    ),
    validFiling(),
    validInspection({
      relatedLicenceNo: SECRETS.licenceNo,
      resultText: `负责人身份证${SECRETS.citizen}`,
    }),
    validPenalty({
      publicityTo: '',
      illegalFact: `当事人(电话${SECRETS.phone})采购食品时未查验供货者的许可证。`,
    }),
  ];
}
