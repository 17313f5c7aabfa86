import type { Timestamp } from '@bufbuild/protobuf/wkt';
import type { ComponentChildren } from 'preact';
import type { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { HUB_NODES } from '../../server/reference/nodes.js';
import { addressOf } from '../route.js';
import { useSpoken, useWords } from '../words/language.js';
import { clockOf } from '../words/moments.js';

/** How a state looks; what it says is in its text. */
export type Tone = 'good' | 'waiting' | 'bad' | 'quiet';

/** A state. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

interface FactsProps {
  /** Name and value; what has no value is left out. */
  readonly of: readonly (readonly [name: string, value: ComponentChildren])[];
}

/** A few facts, each with its name. */
export function Facts({ of: facts }: FactsProps) {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== '' && value !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** The name of a node of the plan; its code when it is none. */
export function useNodeName(): (code: string) => string {
  const { language } = useSpoken();
  return (code) => {
    const node = HUB_NODES.find((one) => one.code === code);
    if (!node) return code;
    if (node.level === 'NATIONAL') return language === 'zh' ? '总局' : 'SAMR';
    return language === 'zh' ? node.nameZh : node.nameEn;
  };
}

/** A moment, on a clock of China, or a civil date; never broken over two lines. */
export function Moment({ at }: { at: Timestamp | string | undefined }) {
  const text = typeof at === 'string' ? at : clockOf(at);
  return <span class="whole">{text}</span>;
}

/** A node by name and code. */
export function NodeName({ code }: { code: string }) {
  const name = useNodeName()(code);
  return name === code ? (
    <>{code}</>
  ) : (
    <span class="whole">
      {name} <span class="faint">{code}</span>
    </span>
  );
}

interface MessageLinkProps {
  readonly id: string;
  readonly source: string;
}

/** The class of a message. */
export function Kind({ of: kind }: { of: MessageKind }) {
  return <span class="whole">{useWords().messageKinds[kind]}</span>;
}

/** Of an id so much is shown that it is known again; all of it is where it leads. */
const SHOWN = 8;

/** A message, as a way to its life line. */
export function MessageLink({ id, source }: MessageLinkProps) {
  return id === '' ? null : (
    <a class="code whole" href={addressOf('message', { id, source })} aria-label={id} title={id}>
      {id.slice(0, SHOWN)}
      {id.length > SHOWN && '…'}
    </a>
  );
}

const FIGURES = new Intl.NumberFormat('en');

/** A figure, its thousands apart. */
export function figure(value: number | bigint): string {
  return FIGURES.format(value);
}
