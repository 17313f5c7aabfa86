import { figure, type Tone } from './small.js';

/** What a colour stands for. */
export interface Series {
  readonly name: string;
  readonly tone: Tone | 'main';
}

/** One bar: its label and a value for each series. */
export interface Bar {
  readonly label: string;
  /** Label below the bar, where there is room for it. Unset: the label. */
  readonly short?: string;
  readonly values: readonly number[];
}

interface BarsProps {
  readonly title: string;
  readonly series: readonly Series[];
  readonly bars: readonly Bar[];
}

const SIZE = { width: 480, height: 180, left: 48, top: 14, bottom: 24 };
const PLOT = { width: SIZE.width - SIZE.left, height: SIZE.height - SIZE.top - SIZE.bottom };
/** Labels for which there is room. */
const LABELS = 8;

/** Bars, in which the series stand upon each other. What is drawn is told in words to who does not see it. */
export function Bars({ title, series, bars }: BarsProps) {
  const most = Math.max(1, ...bars.map(totalOf));
  const width = PLOT.width / bars.length;
  const every = Math.ceil(bars.length / LABELS);
  return (
    <figure class="bars">
      <figcaption>
        <span class="title">{title}</span>
        {series.map(({ name, tone }) => (
          <span key={name} class={`key ${tone}`}>
            {name}
          </span>
        ))}
      </figcaption>
      <svg
        viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
        role="img"
        aria-label={`${title}: ${bars.map((bar) => spoken(bar, series)).join('; ')}`}
      >
        {[most, most / 2, 0].map((value) => (
          <g key={value}>
            <line x1={SIZE.left} x2={SIZE.width} y1={y(value, most)} y2={y(value, most)} />
            <text x={SIZE.left - 6} y={y(value, most) + 4} class="scale">
              {Number.isInteger(value) ? figure(value) : ''}
            </text>
          </g>
        ))}
        {bars.map((bar, position) => (
          <g key={bar.label}>
            <title>{spoken(bar, series)}</title>
            <Stack
              bar={bar}
              series={series}
              most={most}
              x={SIZE.left + position * width}
              width={width}
            />
            {position % every === 0 && (
              <text x={SIZE.left + (position + 0.5) * width} y={SIZE.height - 6} class="label">
                {bar.short ?? bar.label}
              </text>
            )}
          </g>
        ))}
      </svg>
    </figure>
  );
}

interface StackProps {
  readonly bar: Bar;
  readonly series: readonly Series[];
  readonly most: number;
  readonly x: number;
  readonly width: number;
}

function Stack({ bar, series, most, x, width }: StackProps) {
  const thick = Math.min(width * 0.7, 44);
  return series.map(({ name, tone }, position) => {
    const below = bar.values.slice(0, position).reduce(add, 0);
    const value = bar.values[position] ?? 0;
    return (
      <rect
        key={name}
        class={tone}
        x={x + (width - thick) / 2}
        y={y(below + value, most)}
        width={thick}
        height={(value / most) * PLOT.height}
      />
    );
  });
}

function y(value: number, most: number): number {
  return SIZE.top + PLOT.height * (1 - value / most);
}

function totalOf({ values }: Bar): number {
  return values.reduce(add, 0);
}

function add(sum: number, value: number): number {
  return sum + value;
}

function spoken({ label, values }: Bar, series: readonly Series[]): string {
  return `${label} ${series.map(({ name }, at) => `${name} ${figure(values[at] ?? 0)}`).join(', ')}`;
}
