import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HubClientError } from '../../clients/hub-client-error.js';
import { Operation, Severity } from '#gen/zhengzhao/v1/common_pb.js';
import {
  foodPermitItem,
  testMessageId,
  testUscc,
  validCancellation,
  validLicence,
  validRegistration,
} from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };

/** Contents that look like something to a program and are nothing, or not what they look like. */
describe('the door of a province', () => {
  let zhejiang: TestNode;
  beforeAll(async () => {
    zhejiang = await startTestNode({ HUB_REGION: '330000' });
  });
  afterAll(() => zhejiang.stop());

  async function register(
    ...[overrides, options]: Parameters<typeof validRegistration>
  ): Promise<string[]> {
    const registration = validRegistration({ ...CATALOGUE, ...overrides }, options);
    return errorsOf(zhejiang.registration.submitRegistration({ registration }));
  }
  async function report(...given: Parameters<typeof validLicence>): Promise<string[]> {
    return errorsOf(zhejiang.exchange.submitRecord({ record: validLicence(...given) }));
  }

  it.each([
    ['a name', { entName: '\u200B' }, 'ent_name REQUIRED'],
    ['a legal representative', { lerep: '\u3164' }, 'lerep REQUIRED'],
    ['a domicile', { dom: '\u2800 \u00AD' }, 'dom REQUIRED'],
  ])('R51 VR27 refuses %s that shows nothing', async (_, overrides, error) => {
    expect(await register(overrides)).toEqual([error]);
  });

  it('R51 VR27 refuses codes that are too long for one, or hold what no code holds', async () => {
    expect(await register({ ftzCode: 'X'.repeat(9), ftzAreaCode: '\u0000' })).toEqual([
      'ftz_code TOO_LONG',
      'ftz_area_code TEXT_CONTROL_CHARACTER',
    ]);
    expect(await register({}, { number: 2 })).toEqual([]);
    const junk = ['PA0001', 'PA0015', '\u0000', 'A'.repeat(5000), '身份证11010519491231002X'];
    const registration = validCancellation(
      { ...CATALOGUE, scopeEntryCodes: junk, permitItems: [foodPermitItem()] },
      { number: 2 },
    );
    expect(await errorsOf(zhejiang.registration.submitRegistration({ registration }))).toEqual(
      [2, 3, 4].map((at) => `scope_entry_codes[${at}] CODE_FORMAT`),
    );
  });

  it('R51 refuses a version that could not be told from the next', async () => {
    const highest = BigInt(Number.MAX_SAFE_INTEGER);
    const version = (recordVersion: bigint) =>
      register({}, { number: 3, envelope: { recordVersion, messageId: testMessageId(9, 3) } });
    expect(await version(highest + 1n)).toEqual([
      'envelope.record_version RECORD_VERSION_TOO_HIGH',
    ]);
    expect(await version(2n ** 63n - 1n)).toEqual([
      'envelope.record_version RECORD_VERSION_TOO_HIGH',
    ]);
    expect(await version(highest)).toEqual([]);
  });

  it('R55 never publishes what was given a basis and not the mark', async () => {
    expect(await register({}, { number: 4 })).toEqual([]);
    const options = { number: 4, nonPublicBasis: '涉及国家秘密' };
    expect(await report({}, options)).toEqual(['non_public_basis BASIS_WITHOUT_MARK']);
    const { licences } = await zhejiang.dataCenter.getDisclosure({ uscc: testUscc(4) });
    expect(licences).toEqual([]);
    expect(await report({}, { ...options, nonPublicBasis: '无' })).toEqual([]);
    const deletion = { operation: Operation.DELETE, operationReason: '误报', recordVersion: 2n };
    const envelope = { ...deletion, messageId: testMessageId(9, 4) };
    expect(await report({}, { ...options, envelope })).toEqual([]);
  });

  it('R51 R55 refuses a reason or a basis that shows nothing, or that nobody looked at before', async () => {
    const number = 5;
    expect(await report({}, { number, nonPublic: true, nonPublicBasis: '\u200B' })).toEqual([
      'non_public_basis NON_PUBLIC_WITHOUT_BASIS',
    ]);
    const deletion = { operation: Operation.DELETE, operationReason: '\u00AD' };
    expect(await report({}, { number, envelope: deletion })).toEqual([
      'envelope.operation_reason DELETE_WITHOUT_REASON',
    ]);
    const stray = { operationReason: `<script>${'x'.repeat(500)}\u0000` };
    expect(await report({}, { number, envelope: stray })).toEqual([
      'envelope.operation_reason TOO_LONG',
      'envelope.operation_reason TEXT_CONTROL_CHARACTER',
      'envelope.operation_reason TEXT_HTML_TAG',
    ]);
  });
});

/** Fields and codes of the errors of a call; none when it was accepted. */
async function errorsOf(call: Promise<unknown>): Promise<string[]> {
  try {
    await call;
    return [];
  } catch (error) {
    if (!(error instanceof HubClientError)) throw error;
    return error.findings
      .filter(({ severity }) => severity === Severity.ERROR)
      .map(({ field, code }) => `${field} ${code}`);
  }
}
