import type { LinkStatus } from '#gen/zhengzhao/v1/data_center_pb.js';
import { useWords } from '../words/language.js';
import type { Words } from '../words/zh.js';
import { figure, useNodeName, type Tone } from './small.js';

/** Seconds after which what waits for a neighbour counts as lagging. */
const LAG_S = 60;

/** How a link does: dead letters first, then lag, then flow. */
export function healthOf({ dead, acknowledgedLastMinute }: LinkStatus, lagS: number): Health {
  if (dead > 0n) return 'broken';
  if (lagS > LAG_S) return 'waiting';
  return acknowledgedLastMinute > 0n ? 'flowing' : 'idle';
}

export type Health = 'broken' | 'waiting' | 'flowing' | 'idle';

export const TONES: Readonly<Record<Health, Tone>> = {
  broken: 'bad',
  waiting: 'waiting',
  flowing: 'good',
  idle: 'quiet',
};

interface NetworkProps {
  readonly self: string;
  readonly links: readonly { readonly link: LinkStatus; readonly lagS: number }[];
}

const NODE = { width: 132, height: 44 };

/**
 * This node in the middle and its neighbours around it. What flows moves along its line, unless the
 * reader wants no motion. The table beside says the same in figures.
 */
export function Network({ self, links }: NetworkProps) {
  const words = useWords();
  const size = sizeFor(links.length);
  const middle = { x: links.length > 1 ? size.width / 2 : NODE.width / 2 + 4, y: size.height / 2 };
  return (
    <svg
      class="network"
      viewBox={`0 0 ${size.width} ${size.height}`}
      width={size.width}
      role="img"
      aria-label={words.status.mapAbout(links.length)}
    >
      {links.map((one, position) => {
        const place = placeOf(position, links.length, size);
        const health = healthOf(one.link, one.lagS);
        return (
          <g key={one.link.destination} class={`link ${TONES[health]}`}>
            <line x1={middle.x} y1={middle.y} x2={place.x} y2={place.y} />
            {health === 'flowing' && (
              <line class="flow" x1={middle.x} y1={middle.y} x2={place.x} y2={place.y} />
            )}
            <Node code={one.link.destination} at={place} note={noteOf(one.link, one.lagS, words)} />
          </g>
        );
      })}
      <g class="self">
        <Node code={self} at={middle} note={words.self} />
      </g>
    </svg>
  );
}

interface Place {
  readonly x: number;
  readonly y: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function sizeFor(count: number): Size {
  if (count === 1) return { width: 400, height: 60 };
  if (count === 2) return { width: 520, height: 60 };
  return count > 6 ? { width: 720, height: 520 } : { width: 640, height: 230 };
}

/** One neighbour to the right, a few on both sides, many in a ring. */
function placeOf(position: number, count: number, { width, height }: Size): Place {
  const radius = { x: (width - NODE.width) / 2 - 4, y: (height - NODE.height) / 2 - 4 };
  const start = count <= 6 ? 0 : -Math.PI / 2;
  const angle = start + (position * 2 * Math.PI) / count;
  return { x: width / 2 + radius.x * Math.cos(angle), y: height / 2 + radius.y * Math.sin(angle) };
}

function Node({ code, at, note }: { code: string; at: Place; note: string }) {
  const name = useNodeName()(code);
  return (
    <>
      <rect
        x={at.x - NODE.width / 2}
        y={at.y - NODE.height / 2}
        width={NODE.width}
        height={NODE.height}
        rx={8}
      />
      <text x={at.x} y={at.y - 3} class="node-name">
        {name}
      </text>
      <text x={at.x} y={at.y + 14} class="node-note">
        {note}
      </text>
    </>
  );
}

function noteOf(link: LinkStatus, lagS: number, { status, duration }: Words): string {
  switch (healthOf(link, lagS)) {
    case 'broken':
      return `${status.dead} ${figure(link.dead)}`;
    case 'waiting':
      return `${status.oldest} ${duration(lagS)}`;
    case 'flowing':
      return `${status.flow} ${figure(link.acknowledgedLastMinute)}`;
    case 'idle':
      return status.idle;
  }
}
