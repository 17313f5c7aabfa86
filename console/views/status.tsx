import { timestampMs } from '@bufbuild/protobuf/wkt';
import type {
  DailyTask,
  GetNodeStatusResponse,
  LinkStatus,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import { useAct, useAnswer, useEvery } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { openQueues, readToken } from '../hub/session.js';
import { Failure } from '../parts/failure.js';
import { healthOf, Network, TONES } from '../parts/network.js';
import { Shown } from '../parts/shown.js';
import { Badge, Facts, figure, Moment, NodeName } from '../parts/small.js';
import { Table } from '../parts/table.js';
import { Section, ViewPage } from '../parts/view.js';
import { addressOf } from '../route.js';
import { useSaid, useWords } from '../words/language.js';
import { clockOf, secondsSince } from '../words/moments.js';

const EVERY_MS = 5_000;

/** What the node is, how it and its neighbours do, at this moment. */
export function StatusView() {
  const words = useWords();
  const { dataCenter } = useHub();
  const status = useAnswer((signal) => dataCenter.getNodeStatus({}, { signal }), '');
  useEvery(EVERY_MS, status.again);
  return (
    <ViewPage view="status" lead={words.status.lead}>
      <Shown of={status}>
        {(answer) => (
          <>
            <NodeFacts of={answer} />
            <Links of={answer} />
            <Releases of={answer} />
            <DailyTasks of={answer} />
            <Witnesses of={answer} />
            <Keys of={answer} />
          </>
        )}
      </Shown>
    </ViewPage>
  );
}

interface Props {
  readonly of: GetNodeStatusResponse;
}

function NodeFacts({ of: status }: Props) {
  const words = useWords();
  const { status: names } = words;
  return (
    <Facts
      of={[
        [words.node, <NodeName code={status.node} />],
        [names.level, names.levels[status.level] ?? status.level],
        [names.backlog, names.backlogOf(figure(status.backlog), figure(status.backlogLimit))],
        [
          names.unattributed,
          status.unattributed === 0n ? (
            '0'
          ) : (
            <a href={addressOf('worklist')}>{figure(status.unattributed)}</a>
          ),
        ],
        [names.lag, names.lagOf(status.catalogLag)],
        [names.daysOff, <UnknownDaysOff of={status} />],
        [names.audit, names.link(figure(status.auditHead?.link ?? 0n))],
        [names.version, status.version],
        [names.queue, <Queues backend={status.queueBackend} />],
        [names.started, clockOf(status.startedAt)],
      ]}
    />
  );
}

/** Years whose days off the program does not know, so that festivals count as working days. */
function UnknownDaysOff({ of: { yearsWithoutHolidays: years } }: Props) {
  const { status: names } = useWords();
  if (years.length === 0) return <>{names.daysOffKnown}</>;
  return <Badge tone="bad">{names.daysOffUnknown(years.join(', '))}</Badge>;
}

/** Where the queues are, and the way into them. */
function Queues({ backend }: { backend: string }) {
  const { status: names } = useWords();
  const enter = useAct(
    () => openQueues(readToken() ?? ''),
    () => undefined,
  );
  return (
    <>
      {backend}{' '}
      <button type="button" class="plain" disabled={enter.pending} onClick={() => enter.run()}>
        {names.insideQueues}
      </button>
      <Failure of={enter.failure} />
    </>
  );
}

function Links({ of: { node, links } }: Props) {
  const words = useWords();
  const { status: names } = words;
  const shown = links.map((link) => ({ link, lagS: secondsSince(link.oldestOpenAt) }));
  if (links.length === 0)
    return (
      <Section title={names.links}>
        <p class="none">{names.noLinks}</p>
      </Section>
    );
  return (
    <Section title={names.links}>
      <Network self={node} links={shown.filter(({ link }) => !isChannel(link))} />
      <Table
        caption={names.links}
        hideCaption
        rows={shown}
        keyOf={({ link }) => link.destination}
        columns={[
          { head: names.destination, cell: ({ link }) => <NodeName code={link.destination} /> },
          {
            head: words.state,
            cell: ({ link, lagS }) => {
              const health = healthOf(link, lagS);
              return <Badge tone={TONES[health]}>{names[health]}</Badge>;
            },
          },
          { head: names.way, cell: ({ link }) => (link.push ? names.push : names.pull) },
          {
            head: names.flow,
            figures: true,
            cell: ({ link }) => figure(link.acknowledgedLastMinute),
          },
          { head: names.open, figures: true, cell: ({ link }) => figure(link.open) },
          {
            head: names.oldest,
            figures: true,
            cell: ({ link, lagS }) => (link.oldestOpenAt ? words.duration(lagS) : '—'),
          },
          { head: names.dead, figures: true, cell: ({ link }) => <DeadLetters of={link} /> },
          {
            head: names.last,
            cell: ({ link }) => <Moment at={clockOf(link.lastAcknowledgedAt) || names.never} />,
          },
        ]}
      />
    </Section>
  );
}

/** Packages to departments, which are no neighbours. */
function isChannel({ destination }: LinkStatus): boolean {
  return destination.includes('/');
}

function DeadLetters({ of: { dead, destination } }: { of: LinkStatus }) {
  if (dead === 0n) return <>0</>;
  return <a href={addressOf('deliveries', { destination, state: 'DEAD' })}>{figure(dead)}</a>;
}

function Releases({ of: { catalogVersions } }: Props) {
  const words = useWords();
  const said = useSaid();
  const { status: names } = words;
  return (
    <Section title={names.catalogues}>
      <Table
        caption={names.catalogues}
        hideCaption
        rows={catalogVersions}
        keyOf={({ layer, version }) => `${layer} ${version}`}
        columns={[
          { head: names.layer, cell: ({ layer }) => <NodeName code={layer} /> },
          { head: words.releases.version, cell: ({ version }) => <code>{version}</code> },
          {
            head: names.title,
            cell: ({ titleZh, titleEn, provisional }) => (
              <>
                {said(titleZh, titleEn)}{' '}
                {provisional && <Badge tone="waiting">{words.provisional}</Badge>}
              </>
            ),
          },
          { head: names.effective, cell: ({ effectiveFrom }) => <Moment at={effectiveFrom} /> },
          { head: names.entries, figures: true, cell: ({ entryCount }) => figure(entryCount) },
          { head: names.items, figures: true, cell: ({ itemCount }) => figure(itemCount) },
        ]}
      />
    </Section>
  );
}

/** As long as the alert HubDailyTaskMissing waits: a day, and half of one for what ran late. */
const OVERDUE_S = 36 * 3600;

function DailyTasks({ of: { dailyTasks, startedAt } }: Props) {
  const words = useWords();
  const said = useSaid();
  const { status: names } = words;
  if (dailyTasks.length === 0) return null;
  const stateOf = ({ succeededAt, failedAt }: DailyTask) => {
    if (secondsSince(succeededAt ?? startedAt) > OVERDUE_S)
      return <Badge tone="bad">{names.overdue}</Badge>;
    if (failedAt && !(succeededAt && timestampMs(succeededAt) > timestampMs(failedAt)))
      return <Badge tone="bad">{names.failed}</Badge>;
    return succeededAt ? (
      <Badge tone="good">{names.inTime}</Badge>
    ) : (
      <Badge tone="quiet">{names.notYet}</Badge>
    );
  };
  return (
    <Section title={names.daily}>
      <Table
        caption={names.daily}
        hideCaption
        rows={dailyTasks}
        keyOf={({ name }) => name}
        columns={[
          { head: names.task, cell: ({ name }) => names.tasks[name] ?? name },
          { head: words.state, cell: stateOf },
          {
            head: names.last,
            cell: ({ succeededAt }) => <Moment at={clockOf(succeededAt) || names.never} />,
          },
          {
            head: names.lastFailure,
            cell: ({ failedAt, failureZh, failureEn }) =>
              failedAt ? (
                <>
                  <Moment at={failedAt} /> {said(failureZh, failureEn)}
                </>
              ) : (
                names.never
              ),
          },
          { head: names.next, cell: ({ nextRunAt }) => <Moment at={clockOf(nextRunAt) || '—'} /> },
        ]}
      />
    </Section>
  );
}

/** Only the national node sees the chains of others. */
function Witnesses({ of: { auditWitnesses } }: Props) {
  const words = useWords();
  const { status: names } = words;
  if (auditWitnesses.length === 0) return null;
  return (
    <Section title={names.witnesses}>
      <Table
        caption={names.witnesses}
        hideCaption
        rows={auditWitnesses}
        keyOf={({ node }) => node}
        columns={[
          { head: words.node, cell: ({ node }) => <NodeName code={node} /> },
          {
            head: words.state,
            cell: ({ brokenAt }) => (
              <Badge tone={brokenAt ? 'bad' : 'good'}>
                {brokenAt ? `${names.cracked} ${clockOf(brokenAt)}` : names.intact}
              </Badge>
            ),
          },
          { head: names.audit, cell: ({ head }) => names.link(figure(head?.link ?? 0n)) },
          { head: names.seen, cell: ({ seenAt }) => <Moment at={seenAt} /> },
        ]}
      />
    </Section>
  );
}

function Keys({ of: { signingKeys } }: Props) {
  const { status: names } = useWords();
  return (
    <Section title={names.keys}>
      <Table
        caption={names.keys}
        hideCaption
        rows={signingKeys}
        keyOf={({ keyId }) => keyId}
        columns={[
          { head: names.key, cell: ({ keyId }) => <code>{keyId}</code> },
          { head: names.since, cell: ({ usedSince }) => <Moment at={usedSince} /> },
        ]}
      />
    </Section>
  );
}
