import {
  type GetExchangeReportResponse,
  type IntakeCount,
  type ReceivingDepartmentDay,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import {
  DeliveryActionSchema,
  DeliveryStateSchema,
  type DeliveryAction,
  type DeliveryState,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { PackageStatusSchema, type PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { numberOf } from '../parts/choices.js';
import { addressOf } from '../route.js';
import { figure, Kind, Moment, NodeName } from '../parts/small.js';
import { Table, type Column } from '../parts/table.js';
import { Section } from '../parts/view.js';
import { useWords } from '../words/language.js';
import type { Words } from '../words/zh.js';

interface Props {
  readonly of: GetExchangeReportResponse;
}

/** A column of counts. */
function counts<T>(head: string, count: (row: T) => bigint): Column<T> {
  return { head, figures: true, cell: (row) => figure(count(row)) };
}

/** 来报: what came, by class and from where. */
export function Intake({ of: { intake } }: Props) {
  const words = useWords();
  const { report: names } = words;
  return (
    <Section title={names.intake}>
      <Table
        caption={names.intake}
        hideCaption
        none={names.none}
        rows={intake}
        keyOf={({ kind, origin }) => `${kind} ${origin}`}
        columns={[
          { head: words.kind, cell: ({ kind }) => <Kind of={kind} /> },
          {
            head: names.origin,
            cell: ({ origin }) => (origin === 'client' ? names.client : <NodeName code={origin} />),
          },
          counts<IntakeCount>(words.count, ({ accepted }) => accepted),
          counts<IntakeCount>(names.stale, ({ stale }) => stale),
          counts<IntakeCount>(names.named, ({ named }) => named),
          counts<IntakeCount>(names.waiting, ({ waiting }) => waiting),
          counts<IntakeCount>(names.published, ({ published }) => published),
          counts<IntakeCount>(names.nonPublic, ({ nonPublic }) => nonPublic),
        ]}
      />
    </Section>
  );
}

/** 去向: what was decided for each destination. */
export function Destinations({ of: { destinations } }: Props) {
  const words = useWords();
  const { report: names } = words;
  return (
    <Section title={names.destinations}>
      <Table
        caption={names.destinations}
        hideCaption
        none={names.none}
        rows={destinations}
        keyOf={(one, position) => `${position} ${one.destination}`}
        columns={[
          {
            head: names.destination,
            cell: ({ destination }) =>
              destination === 'packages' ? (
                names.packagesDestination
              ) : (
                <NodeName code={destination} />
              ),
          },
          { head: words.kind, cell: ({ kind }) => <Kind of={kind} /> },
          {
            head: names.action,
            cell: ({ action }) =>
              words.deliveryActions[numberOf(DeliveryActionSchema, action) as DeliveryAction],
          },
          { head: words.state, cell: ({ state }) => stateText(words, state) },
          { head: words.rule, cell: ({ rule }) => <code>{rule}</code> },
          { head: words.count, figures: true, cell: ({ count }) => figure(count) },
        ]}
      />
    </Section>
  );
}

/** A state of a delivery or of a package; of a channel that has another, its name. */
function stateText(words: Words, state: string): string {
  const delivery = numberOf(DeliveryStateSchema, state) as DeliveryState;
  const pack = numberOf(PackageStatusSchema, state) as PackageStatus;
  return words.deliveryStates[delivery] || words.packageStatuses[pack] || state;
}

/** 退回: how often which rule refused. */
export function Refusals({ of: { refusals } }: Props) {
  const words = useWords();
  const { report: names } = words;
  return (
    <Section title={names.refusals}>
      <Table
        caption={names.refusals}
        hideCaption
        none={names.none}
        rows={refusals}
        keyOf={({ reason, rule }) => `${reason} ${rule}`}
        columns={[
          { head: words.why, cell: ({ reason }) => <code>{reason}</code> },
          { head: words.rule, cell: ({ rule }) => rule },
          { head: words.count, figures: true, cell: ({ count }) => figure(count) },
        ]}
      />
    </Section>
  );
}

/** 接收部门: what each was sent, day by day, and how far it has come. */
export function Departments({ of: { departments } }: Props) {
  const words = useWords();
  const { report: names } = words;
  const column = (head: string, count: (day: ReceivingDepartmentDay) => bigint) =>
    counts(head, count);
  return (
    <Section title={names.departments}>
      <Table
        caption={names.departments}
        hideCaption
        none={names.none}
        rows={departments}
        keyOf={({ date, receivingDeptCode }) => `${date} ${receivingDeptCode}`}
        columns={[
          { head: words.date, cell: ({ date }) => <Moment at={date} /> },
          {
            head: words.department,
            cell: ({ receivingDeptCode: department, receivingDeptName }) => (
              <a href={addressOf('packages', { department })}>{receivingDeptName}</a>
            ),
          },
          column(names.packages, (day) => day.packages),
          column(names.sent, (day) => day.sent),
          column(names.delivered, (day) => day.deemedDelivered),
          column(names.received, (day) => day.received),
          column(names.claimed, (day) => day.claimed),
          column(names.returned, (day) => day.returned),
          column(names.failed, (day) => day.failed),
          column(names.late, (day) => day.late),
        ]}
      />
    </Section>
  );
}

/** 映射缺陷: items that departments returned (F22). */
export function Defects({ of: { mappingDefects } }: Props) {
  const words = useWords();
  const { report: names } = words;
  return (
    <Section title={names.defects} about={names.defectsAbout}>
      <Table
        caption={names.defects}
        hideCaption
        none={names.none}
        rows={mappingDefects}
        keyOf={(one, position) => `${position} ${one.permitItemCode}`}
        columns={[
          {
            head: names.item,
            cell: ({ permitItemName, permitItemCode }) => (
              <>
                {permitItemName} <code class="faint">{permitItemCode}</code>
              </>
            ),
          },
          {
            head: names.entries,
            cell: ({ scopeEntryCodes }) => <code>{scopeEntryCodes.join(' ')}</code>,
          },
          { head: words.department, cell: ({ receivingDeptName }) => receivingDeptName },
          { head: words.why, cell: ({ returnReason }) => words.returnReasons[returnReason] },
          { head: words.count, figures: true, cell: ({ count }) => figure(count) },
        ]}
      />
    </Section>
  );
}

/** 待许可: enterprises whose licence has not come back (R12, R15). */
export function Awaited({ of: { awaitedLicences } }: Props) {
  const words = useWords();
  const { report: names } = words;
  return (
    <Section title={names.awaited} about={names.awaitedAbout}>
      <Table
        caption={names.awaited}
        hideCaption
        rows={awaitedLicences}
        keyOf={({ permitItemCode }) => permitItemCode}
        columns={[
          {
            head: names.item,
            cell: ({ permitItemName, permitItemCode }) => (
              <>
                {permitItemName} <code class="faint">{permitItemCode}</code>
              </>
            ),
          },
          { head: words.packages.mode, cell: ({ reformMode }) => words.reformModes[reformMode] },
          { head: words.count, figures: true, cell: ({ count }) => figure(count) },
          { head: names.over30, figures: true, cell: ({ over30Days }) => figure(over30Days) },
          { head: names.over90, figures: true, cell: ({ over90Days }) => figure(over90Days) },
          { head: names.oldest, cell: ({ oldestDate }) => <Moment at={oldestDate} /> },
        ]}
      />
    </Section>
  );
}

/** 超期公示: at the national node, by province (VR31); a province has none. */
export function LatePublications({ of: { latePublications } }: Props) {
  const words = useWords();
  const { report: names } = words;
  if (latePublications.length === 0) return null;
  return (
    <Section title={names.latePublications} about={names.latePublicationsAbout}>
      <Table
        caption={names.latePublications}
        hideCaption
        rows={latePublications}
        keyOf={({ province, kind }) => `${province} ${kind}`}
        columns={[
          { head: names.province, cell: ({ province }) => <NodeName code={province} /> },
          { head: words.kind, cell: ({ kind }) => <Kind of={kind} /> },
          { head: words.count, figures: true, cell: ({ count }) => figure(count) },
        ]}
      />
    </Section>
  );
}

/** 静默来源: senders that have been silent longer than they usually are. */
export function Silent({ of: { silentSenders } }: Props) {
  const words = useWords();
  const { report: names } = words;
  return (
    <Section title={names.silent}>
      <Table
        caption={names.silent}
        hideCaption
        rows={silentSenders}
        keyOf={({ sourceOrg }) => sourceOrg}
        columns={[
          { head: names.sender, cell: ({ sourceOrg }) => <code>{sourceOrg}</code> },
          { head: words.status.last, cell: ({ lastSeenAt }) => <Moment at={lastSeenAt} /> },
          { head: names.days, figures: true, cell: ({ silentDays }) => figure(silentDays) },
          { head: names.usual, figures: true, cell: ({ usualPerDay }) => usualPerDay.toFixed(1) },
        ]}
      />
    </Section>
  );
}
