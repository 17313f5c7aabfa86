import type { Browser } from 'playwright-core';
import {
  AUTHORITY,
  testCounterpart,
  testUscc,
  validLicence,
  validPenalty,
  validRegistration,
} from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';
import { tokenFor } from '../support/tokens.js';
import { openBrowser } from './browser.js';

/** A province with something of everything, the national node above it, and a browser. */
export interface Stage {
  readonly national: TestNode;
  readonly province: TestNode;
  readonly browser: Browser;
  /** Address of the province's console, and of the national node's. */
  readonly url: string;
  readonly nationalUrl: string;
  readonly administrator: string;
  readonly department: string;
  readonly nationalAdministrator: string;
  /** Message ids: a registration that went up, and records that wait for an enterprise. */
  readonly registrationId: string;
  readonly misnamedId: string;
  readonly unknownId: string;
  stop(): Promise<void>;
}

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const REGISTRATIONS = 3;

/** Starts everything and sends what the journeys are about. */
export async function openStage(): Promise<Stage> {
  const [nationalPort, provincePort] = [await freePort(), await freePort()];
  const [national, province, browser] = await Promise.all([
    startTestNode({
      HUB_LEVEL: 'national',
      HUB_PORT: String(nationalPort),
      HUB_NODES: `330000=http://127.0.0.1:${provincePort}`,
    }),
    startTestNode({
      HUB_REGION: '330000',
      HUB_PORT: String(provincePort),
      HUB_UPSTREAM_URL: `http://127.0.0.1:${nationalPort}`,
      HUB_AUDIT_WITNESS_MS: '500',
    }),
    openBrowser(),
  ]);
  const registrations = Array.from({ length: REGISTRATIONS }, (_, at) =>
    validRegistration(CATALOGUE, { number: at + 1 }),
  );
  await province.registration.batchSubmitRegistrations({ registrations });
  const misnamed = validPenalty(
    { counterpart: testCounterpart(1, { entName: '舟山市定海另名餐饮管理有限公司' }) },
    { number: 11 },
  );
  const unknown = validLicence({}, { number: 19 });
  await province.exchange.submitRecord({ record: misnamed });
  await province.exchange.submitRecord({ record: unknown });
  await eventually(async () => {
    const { links } = await province.dataCenter.getNodeStatus({});
    if (links.some(({ open }) => open > 0n)) throw new Error('not everything has gone up yet');
    const { auditWitnesses } = await national.dataCenter.getNodeStatus({});
    if (auditWitnesses.length === 0) throw new Error('the audit chain was not shown yet');
  });
  return {
    national,
    province,
    browser,
    url: `http://${province.address}/console/`,
    nationalUrl: `http://${national.address}/console/`,
    administrator: await tokenFor(province, 'administrator', '值班员'),
    department: await tokenFor(province, 'department', AUTHORITY.code),
    nationalAdministrator: await tokenFor(national, 'administrator', '值班员'),
    registrationId: registrations[0]?.envelope?.messageId ?? '',
    misnamedId: misnamed.envelope?.messageId ?? '',
    unknownId: unknown.envelope?.messageId ?? '',
    stop: async () => {
      await browser.close();
      await Promise.all([province.stop(), national.stop()]);
    },
  };
}

/** Code of the enterprise that the misnamed record really is about. */
export const RIGHT_USCC = testUscc(1);
