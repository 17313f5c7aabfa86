import {
  QualityDimension,
  QualityDimensionSchema,
  type GetExchangeReportResponse,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import { Bars, type Bar } from '../parts/bars.js';
import { useWords } from '../words/language.js';

/** The days of a report in plots: what came, what departments got, and the quality of it all. */
export function Plots({ of: report }: { of: GetExchangeReportResponse }) {
  const words = useWords();
  const { report: names } = words;
  const daily = byDay(report.senders, ({ accepted, refused }) => [accepted, refused]);
  const packages = byDay(report.departments, (day) => {
    const ended = day.returned + day.failed;
    const received = day.received > ended ? day.received - ended : 0n;
    const rest = day.packages - received - ended;
    return [received, rest > 0n ? rest : 0n, ended];
  });
  return (
    <div class="plots">
      {daily.length > 0 && (
        <Bars
          title={names.daily}
          bars={daily}
          series={[
            { name: names.accepted, tone: 'main' },
            { name: names.refused, tone: 'bad' },
          ]}
        />
      )}
      {packages.length > 0 && (
        <Bars
          title={names.packagesDaily}
          bars={packages}
          series={[
            { name: names.received, tone: 'good' },
            { name: names.underWay, tone: 'quiet' },
            { name: names.returnedOrFailed, tone: 'bad' },
          ]}
        />
      )}
      <Quality of={report} />
    </div>
  );
}

function Quality({ of: { senders } }: { of: GetExchangeReportResponse }) {
  const words = useWords();
  const counts = senders.flatMap(({ quality }) => quality);
  const bars = QualityDimensionSchema.values
    .map(({ number }) => number as QualityDimension)
    .filter((dimension) => dimension !== QualityDimension.UNSPECIFIED)
    .map((dimension): Bar => {
      const found = counts.filter((one) => one.dimension === dimension);
      return {
        label: words.qualityDimensions[dimension],
        values: [sum(found.map(({ refused }) => refused)), sum(found.map(({ warned }) => warned))],
      };
    });
  if (counts.length === 0) return null;
  return (
    <Bars
      title={words.report.quality}
      bars={bars}
      series={[
        { name: words.report.refused, tone: 'bad' },
        { name: words.report.warned, tone: 'waiting' },
      ]}
    />
  );
}

/** Rows of the same day together, in the order of the days. */
export function byDay<T extends { readonly date: string }>(
  rows: readonly T[],
  valuesOf: (row: T) => readonly bigint[],
): Bar[] {
  const days = new Map<string, number[]>();
  for (const row of rows) {
    const values = valuesOf(row).map(Number);
    const known = days.get(row.date);
    days.set(row.date, known ? known.map((one, at) => one + (values[at] ?? 0)) : values);
  }
  return [...days]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([date, values]) => ({ label: date, short: date.slice(5), values }));
}

function sum(values: readonly bigint[]): number {
  return Number(values.reduce((all, one) => all + one, 0n));
}
