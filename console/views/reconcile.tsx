import type { ReconciliationReport } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { ViewProps } from '../app.js';
import { useAnswer } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { Bars } from '../parts/bars.js';
import { TextField } from '../parts/fields.js';
import { Shown } from '../parts/shown.js';
import { Badge, figure, Kind, Moment, NodeName } from '../parts/small.js';
import { Table } from '../parts/table.js';
import { Filters, Section, ViewPage } from '../parts/view.js';
import { useWords } from '../words/language.js';
import { dayAgo } from '../words/moments.js';
import { byDay } from './report-plots.js';

/** Days that are shown when none are asked for. */
const PRESET_DAYS = 6;
/** A sum goes over all that was exchanged on a day. */
const TIMEOUT_MS = 120_000;

/** 对账: what the nightly comparisons found, and the sums of this side (F21). */
export function ReconcileView({ asked }: ViewProps) {
  const words = useWords();
  const { reconcile: names } = words;
  const { peer = '', from = dayAgo(PRESET_DAYS), until = dayAgo(0) } = asked;
  return (
    <ViewPage view="reconcile" lead={names.lead}>
      <Recent />
      <Section title={names.sums} about={names.sumsAbout}>
        <Filters view="reconcile" asked={asked}>
          <TextField name="peer" label={names.peer} value={peer} max={6} required />
          <TextField name="from" type="date" label={words.from} value={from} required />
          <TextField name="until" type="date" label={words.until} value={until} required />
        </Filters>
        {peer === '' ? (
          <p class="none">{names.ask}</p>
        ) : (
          <Sums peer={peer} from={from} until={until} />
        )}
      </Section>
    </ViewPage>
  );
}

function Recent() {
  const words = useWords();
  const { reconcile: names } = words;
  const { dataCenter } = useHub();
  // Comparisons are told with any report, whatever its days.
  const report = useAnswer((signal) => dataCenter.getExchangeReport({}, { signal }), '');
  return (
    <Section title={names.recent}>
      <Shown of={report}>
        {({ reconciliations }) => (
          <>
            {reconciliations.some(({ different }) => different > 0n) && (
              <p>{names.differentAbout}</p>
            )}
            <Table
              caption={names.recent}
              hideCaption
              none={names.noRecent}
              rows={reconciliations}
              keyOf={(_, position) => String(position)}
              columns={[
                { head: words.at, cell: ({ at }) => <Moment at={at} /> },
                { head: names.peer, cell: ({ peerNode }) => <NodeName code={peerNode} /> },
                {
                  head: names.range,
                  cell: ({ fromDate, toDate }) => <Moment at={`${fromDate} – ${toDate}`} />,
                },
                { head: words.state, cell: (one) => <Verdict of={one} /> },
                { head: names.compared, figures: true, cell: ({ compared }) => figure(compared) },
                {
                  head: names.missingThere,
                  figures: true,
                  cell: ({ missingThere }) => figure(missingThere),
                },
                {
                  head: names.missingHere,
                  figures: true,
                  cell: ({ missingHere }) => figure(missingHere),
                },
                {
                  head: names.different,
                  figures: true,
                  cell: ({ different }) => figure(different),
                },
                { head: names.resent, figures: true, cell: ({ resent }) => figure(resent) },
              ]}
            />
          </>
        )}
      </Shown>
    </Section>
  );
}

function Verdict({ of: { missingThere, missingHere, different } }: { of: ReconciliationReport }) {
  const { reconcile: names } = useWords();
  const equal = missingThere + missingHere + different === 0n;
  return <Badge tone={equal ? 'good' : 'bad'}>{equal ? names.equal : names.differs}</Badge>;
}

interface SumsProps {
  readonly peer: string;
  readonly from: string;
  readonly until: string;
}

function Sums({ peer, from, until }: SumsProps) {
  const words = useWords();
  const { reconcile: names } = words;
  const { dataCenter } = useHub();
  const sums = useAnswer(
    (signal) =>
      dataCenter.reconcile(
        { peerNode: peer, fromDate: from, toDate: until },
        { signal, timeoutMs: TIMEOUT_MS },
      ),
    `${peer} ${from} ${until}`,
  );
  return (
    <Shown of={sums}>
      {({ buckets }) => (
        <>
          {buckets.length > 0 && (
            <Bars
              title={names.plot}
              bars={byDay(buckets, ({ count }) => [count])}
              series={[{ name: words.count, tone: 'main' }]}
            />
          )}
          <Table
            caption={names.sums}
            hideCaption
            none={names.none}
            rows={buckets}
            keyOf={({ date, kind }) => `${date} ${kind}`}
            columns={[
              { head: words.date, cell: ({ date }) => <Moment at={date} /> },
              { head: words.kind, cell: ({ kind }) => <Kind of={kind} /> },
              { head: words.count, figures: true, cell: ({ count }) => figure(count) },
              { head: names.digest, cell: ({ digest }) => <code class="long">{digest}</code> },
            ]}
          />
        </>
      )}
    </Shown>
  );
}
