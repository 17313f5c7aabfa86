import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { chooseCast, type Cast } from './cast.js';
import { brokenRegistrations } from './broken-registrations.js';
import { brokenChange, brokenRecords } from './broken-records.js';
import { answerPackages, type ChannelReading } from './front-end.js';
import { readEnterprises, type Enterprises } from './enterprises.js';
import { Expectations } from './expectations.js';
import { knockAtNationalDoor } from './national-door.js';
import type { Network } from './nodes.js';
import type { PlannedChange, PlannedRecord, PlannedRegistration } from './plan.js';
import type { Progress } from './progress.js';
import { publicityChange } from './record-forms.js';
import {
  earlyRecords,
  misnamedRecords,
  nationalRecords,
  nonPublicNationalRecord,
  nonPublicRecords,
  penaltyCiting,
  provincialRecords,
  recordsAcrossProvinces,
  recordsMarkedLater,
  starLicence,
} from './records.js';
import { establishments, lateRegistration, laterEvents } from './registrations.js';
import { reportBySql, reportRows, type ReportReading } from './report-library.js';
import { Sender } from './sending.js';
import { untilQuiet } from './settling.js';
import { usccOf } from './secrets.js';

/** Everything that was sent, and what the nodes said to it. */
export interface Story {
  readonly enterprises: Enterprises;
  readonly cast: Cast;
  readonly registrations: readonly PlannedRegistration[];
  readonly records: readonly PlannedRecord[];
  /** Records that the national node must not have, or not have any more (R55, D7). */
  readonly hidden: readonly PlannedRecord[];
  readonly star: PlannedRecord;
  /** What departments got by folder and push, and said. */
  readonly channels: ChannelReading;
  /** What a business system reported by SQL. */
  readonly report: ReportReading;
  readonly sender: Sender;
  readonly expectations: Expectations;
}

/** Sends the whole story, chapter by chapter, and works out what must come of it. */
export async function tellStory(network: Network, progress: Progress): Promise<Story> {
  progress.say(
    '读取样例并按目录勾选经营范围',
    'reading the sample, ticking its scopes (ResolveScope)',
  );
  const enterprises = await readEnterprises(network);
  const cast = await chooseCast(network, enterprises.subjects);
  const teller = new Teller(network, progress);
  await teller.register(enterprises, cast);
  await teller.report(cast);
  const hidden = await teller.hide(cast);
  const star = await teller.finish(enterprises, cast, hidden);
  const report = await teller.reportBySql(cast);
  const channels = await teller.answerPackages();
  return { enterprises, cast, hidden, star, report, channels, ...teller.told };
}

/** Keeps what was sent together with what it must lead to. */
class Teller {
  readonly #sender: Sender;
  readonly #expectations = new Expectations();
  readonly #registrations: PlannedRegistration[] = [];
  readonly #records: PlannedRecord[] = [];

  constructor(
    private readonly network: Network,
    private readonly progress: Progress,
  ) {
    this.#sender = new Sender(network, progress);
  }

  get told(): Pick<Story, 'registrations' | 'records' | 'sender' | 'expectations'> {
    return {
      registrations: this.#registrations,
      records: this.#records,
      sender: this.#sender,
      expectations: this.#expectations,
    };
  }

  /** The enterprises of the sample, and what became of them (F3–F8). */
  async register({ subjects }: Enterprises, cast: Cast): Promise<void> {
    const founded = await establishments(this.network, subjects, cast);
    await this.#registerAll(founded);
    await this.#registerAll(await laterEvents(this.network, subjects, cast));
    await this.#quiet();
  }

  /** Records of every kind and from every side that are public (F9–F19). */
  async report(cast: Cast): Promise<void> {
    await this.#streamAll(provincialRecords(cast));
    await this.#streamAll(recordsAcrossProvinces(cast));
    await this.#sendAll([...nationalRecords(cast), ...misnamedRecords(cast)]);
    await this.#sendAll(earlyRecords(cast));
    await this.#quiet();
    await this.#register(lateRegistration(cast));
    await this.#quiet();
    await this.#decideByHand();
  }

  /** Records that must not be at the national node, from the start or from some time on (F20). */
  async hide(cast: Cast): Promise<PlannedRecord[]> {
    const secret = nonPublicRecords(cast);
    await this.#sendAll([...secret, nonPublicNationalRecord(cast)]);
    const [licence] = secret;
    const about = cast.zhejiang.find(({ uscc }) => licence && uscc === usccOf(licence.record));
    if (licence && about) await this.#sendAll([penaltyCiting(cast, licence, about)]);
    const marked = recordsMarkedLater(cast);
    await this.#sendAll(marked);
    await this.#quiet();
    await this.#mark(marked);
    return [...secret, ...marked.filter(({ publicity }) => publicity === 'marked later')];
  }

  /** What must be refused, what comes twice, and the licence whose life line is told. */
  async finish(
    { subjects }: Enterprises,
    cast: Cast,
    hidden: readonly PlannedRecord[],
  ): Promise<PlannedRecord> {
    for (const plan of brokenRegistrations(subjects, cast)) await this.#register(plan);
    const star = starLicence(cast);
    await this.#sendAll([star]);
    const accepted = this.#records.find(
      ({ at, kind }) => at === cast.star.province && kind === MessageKind.LICENCE,
    );
    if (!accepted) throw new Error('No licence was sent.');
    await this.#sender.again(accepted);
    for (const plan of brokenRecords(cast, accepted)) await this.#send(plan);
    await this.#change(brokenChange(accepted));
    await this.#knock(hidden);
    await this.#quiet();
    return star;
  }

  /** A business system writes into the 上报库: a bad row holds up no other (R50). */
  async reportBySql(cast: Cast): Promise<ReportReading> {
    this.progress.say('业务系统以 SQL 写入上报库', 'a business system writes rows by SQL');
    const plans = reportRows(cast);
    const reading = await reportBySql(this.network, cast, plans);
    for (const plan of plans) this.#noteRecord(plan);
    this.#sender.refused.push(...reading.refused);
    this.#sender.surprises.push(...reading.problems);
    await this.#quiet();
    return reading;
  }

  /** Departments take packages from a folder and by push, and say what they did with them. */
  async answerPackages(): Promise<ChannelReading> {
    this.progress.say('部门取包并写回执', 'departments take their packages and write receipts');
    const { packages } = this.#expectations;
    const { plan } = packages;
    const reading = await answerPackages(this.network.departments, plan);
    packages.receiptsRead(plan);
    this.#sender.surprises.push(...reading.problems);
    return reading;
  }

  async #registerAll(plans: readonly PlannedRegistration[]): Promise<void> {
    await this.#sender.registrations(plans);
    for (const plan of plans) this.#noteRegistration(plan);
  }

  async #register(plan: PlannedRegistration): Promise<void> {
    await this.#sender.registration(plan);
    this.#noteRegistration(plan);
  }

  #noteRegistration(plan: PlannedRegistration): void {
    this.#registrations.push(plan);
    this.#expectations.registration(plan);
  }

  async #streamAll(plans: readonly PlannedRecord[]): Promise<void> {
    await this.#sender.stream(plans);
    for (const plan of plans) this.#noteRecord(plan);
  }

  async #sendAll(plans: readonly PlannedRecord[]): Promise<void> {
    for (const plan of plans) await this.#send(plan);
  }

  async #send(plan: PlannedRecord): Promise<void> {
    await this.#sender.record(plan);
    this.#noteRecord(plan);
  }

  #noteRecord(plan: PlannedRecord): void {
    this.#records.push(plan);
    this.#expectations.record(plan);
  }

  async #change(plan: PlannedChange): Promise<void> {
    await this.#sender.change(plan);
    this.#expectations.change(plan);
  }

  /** A person attributes one record of the work list and sends another one back (R29). */
  async #decideByHand(): Promise<void> {
    this.progress.say('人工记名与退回', 'deciding about the work list by hand');
    for (const { home, naming, record } of this.#records) {
      const { messageId = '', sourceNode = '' } = record.envelope ?? {};
      const resolution =
        naming === 'by hand'
          ? ({ case: 'attributeToUscc', value: usccOf(record) } as const)
          : ({ case: 'sendBackReason', value: '名称与登记不符（演示）' } as const);
      if (naming !== 'by hand' && naming !== 'sent back') continue;
      await this.network.of(home).dataCenter.resolveUnattributed({
        messageId,
        sourceNode,
        resolution,
        resolvedBy: '值班员',
      });
    }
    await this.#quiet();
  }

  /** The authority marks its licences, and clears the mark of one again (D7). */
  async #mark(plans: readonly PlannedRecord[]): Promise<void> {
    for (const { home, record } of plans)
      await this.#change({ at: home, change: publicityChange(record, true, 1) });
    await this.#quiet();
    for (const { home, record, publicity } of plans)
      if (publicity === 'marked and cleared')
        await this.#change({ at: home, change: publicityChange(record, false, 2) });
  }

  /** A record that is not public, handed over the way only a broken province would (VR24). */
  async #knock([secret]: readonly PlannedRecord[]): Promise<void> {
    if (!secret) throw new Error('No record was hidden.');
    const problem = await knockAtNationalDoor(this.network, secret);
    if (problem) this.#sender.surprises.push(problem);
    this.#expectations.refusedAtTheDoor();
  }

  async #quiet(): Promise<void> {
    this.progress.say('等待各节点投递完毕', 'until every node has delivered');
    await untilQuiet(this.network);
  }
}
