import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../server/log.js';
import { testMessageId, validLicence, validRegistration } from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';
import { startReceiver, type OtlpReceiver } from '../tracing/otlp-receiver.js';

/** What nobody but its writer should see again: it may be a person's number as well. */
const WORD = 'GEHEIM7X';
const CATALOGUE = { catalogVersion: '2019.12-prov' };

const SUBMIT = '/zhengzhao.v1.Exchange/SubmitRecord';
const PATHS = [
  SUBMIT,
  '/zhengzhao.v1.Exchange/Deliver',
  '/zhengzhao.v1.DataCenter/SearchEnterprises',
  `/zhengzhao.v1.Exchange/${WORD}`,
  `/${WORD}`,
];
const BODIES = [
  `{"record": {"envelope": {"messageId": 5, "businessKey": "${WORD}"}}}`,
  `{"record": {"licence": {"licCategory": "${WORD}", "decisionDate": "${WORD}"}}}`,
  `{"record": {"envelope": {"sourceTime": "${WORD}", "recordVersion": "${WORD}"}}}`,
  `{"deliveries": [{"payload": "${WORD}", "kind": "${WORD}"}]}`,
  `{"query": "${WORD}\\u0000", "pageToken": "${WORD}"}`,
  `{"${WORD}": "${WORD}"}`,
  `"${WORD}`,
];
const PAGES = [
  `/?q=${WORD}`,
  `/?q=${WORD}%00`,
  `/?q=xx&after=${WORD}`,
  `/?q=${WORD}${'z'.repeat(3000)}`,
  `/?lang=${WORD}`,
  `/enterprises/${WORD}`,
  `/${WORD}`,
];

describe('what a caller wrote', () => {
  let lines = '';
  let receiver: OtlpReceiver;
  let metrics: string;
  let node: TestNode;
  beforeAll(async () => {
    receiver = await startReceiver();
    metrics = `127.0.0.1:${await freePort()}`;
    const log = createLog('trace', '330000', { write: (line) => void (lines += line) });
    const env = { HUB_REGION: '330000', HUB_OTLP_URL: receiver.url, HUB_METRICS: metrics };
    node = await startTestNode(env, log);
  });
  afterAll(async () => {
    await node.stop();
    await receiver.close();
  });

  const send = (path: string, body: string, type: string) =>
    fetch(`http://${node.address}${path}`, {
      method: 'POST',
      headers: {
        'content-type': type,
        'user-agent': WORD,
        referer: `http://127.0.0.1/${WORD}`,
        authorization: `Bearer ${WORD}`,
        traceparent: `00-${WORD}-${WORD}-01`,
        tracestate: `${WORD.toLowerCase()}=${WORD}`,
        baggage: `${WORD}=${WORD}`,
        'x-forwarded-for': WORD,
      },
      body,
    }).then((answer) => answer.text());

  /** Answers of every kind, mostly refusals. */
  async function callHttp(): Promise<void> {
    for (const path of PATHS)
      for (const body of BODIES)
        for (const type of ['application/json', 'application/proto', `application/${WORD}`])
          await send(path, body, type);
    for (const page of PAGES)
      await fetch(`http://${node.address}${page}`, { headers: { accept: 'text/html' } });
  }

  async function callGrpc(): Promise<void> {
    const { exchange, registration, dataCenter, catalog } = node;
    const record = validLicence({ licItem: WORD }, { nonPublic: true, nonPublicBasis: WORD });
    await exchange.submitRecord({ record });
    const refused = [
      exchange.submitRecord({ record: { ...record, nonPublic: false } }),
      exchange.submitRecord({
        record: validLicence(
          { licItem: `${WORD}\u0000` },
          { number: 2, envelope: { schemaVersion: WORD, sourceOrg: WORD, messageId: WORD } },
        ),
      }),
      registration.submitRegistration({
        registration: validRegistration({ ...CATALOGUE, lerep: `${WORD}\ufffd`, regState: WORD }),
      }),
      exchange.deliver({
        fromNode: WORD,
        toNode: WORD,
        deliveries: [{ messageId: WORD, sourceNode: WORD }],
      }),
      exchange.getMessage({ messageId: WORD, sourceNode: WORD, askedNodes: [WORD] }),
      exchange.listDeliveries({ pageToken: WORD }),
      dataCenter.witnessAuditChain({ node: WORD }),
      dataCenter.searchEnterprises({ query: `${WORD}\u0000`, pageToken: WORD }),
      dataCenter.reconcile({ peerNode: WORD, fromDate: WORD, toDate: WORD }),
      dataCenter.getPackage({ packageId: WORD, receivingDeptCode: WORD }),
      dataCenter.resolveUnattributed({
        messageId: testMessageId(4, 1),
        sourceNode: '330000',
        resolvedBy: WORD,
        resolution: { case: 'attributeToUscc', value: WORD },
      }),
      catalog.getScopeEntry({ scopeEntryCode: WORD }),
    ];
    const outcomes = await Promise.allSettled(refused);
    expect(outcomes.map(({ status }) => status)).toEqual(refused.map(() => 'rejected'));
    const retried = { destination: '100000', requestedBy: WORD, reason: WORD };
    await exchange.retryDeliveries(retried);
  }

  it('R54 VR28 is repeated by no line of the log, no span and no metric', async () => {
    await callHttp();
    await callGrpc();
    // The last call has its line, and its span has arrived.
    await eventually(() => {
      expect(lines).toContain('dead letters replayed');
      expect(receiver.text()).toContain('RetryDeliveries');
      return Promise.resolve();
    });
    const measured = await (await fetch(`http://${metrics}/metrics`)).text();
    expect(measured).toContain('RetryDeliveries');
    for (const told of [lines, receiver.text(), measured]) {
      expect(told).not.toContain(WORD);
      expect(told.toLowerCase()).not.toContain(WORD.toLowerCase());
    }
  });
});
