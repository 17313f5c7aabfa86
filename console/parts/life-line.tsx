import { Stage, type LifeLineStep } from '#gen/zhengzhao/v1/exchange_pb.js';
import { useSaid, useWords } from '../words/language.js';
import { Badge, Moment, NodeName, type Tone } from './small.js';

const TONES: Readonly<Record<Stage, Tone>> = {
  [Stage.UNSPECIFIED]: 'quiet',
  [Stage.VALIDATED]: 'quiet',
  [Stage.STORED]: 'quiet',
  [Stage.ROUTED]: 'waiting',
  [Stage.TAKEN]: 'waiting',
  [Stage.APPLIED]: 'good',
  [Stage.PUBLISHED]: 'good',
};

/** Pixels between two lanes, and of the line of a step below its top. */
const LANE = 22;
const HEIGHT = 26;

/**
 * A message from its first step to its last. Each node has a lane; a step is a dot in the lane of its
 * node, with a line to where it leads. What is drawn is said in words beside it.
 */
export function LifeLine({ steps }: { steps: readonly LifeLineStep[] }) {
  const nodes = [...new Set(steps.map(({ node }) => node))];
  return (
    <>
      <ul class="lanes">
        {nodes.map((node, lane) => (
          <li key={node} class={`lane-${lane % 4}`}>
            <NodeName code={node} />
          </li>
        ))}
      </ul>
      <ol class="life-line">
        {steps.map((step, position) => (
          <li key={position}>
            <Track step={step} nodes={nodes} edge={edgeOf(position, steps.length)} />
            <Step of={step} />
          </li>
        ))}
      </ol>
    </>
  );
}

type Edge = 'first' | 'last' | 'only' | 'none';

function edgeOf(position: number, count: number): Edge {
  if (count === 1) return 'only';
  if (position === 0) return 'first';
  return position === count - 1 ? 'last' : 'none';
}

interface TrackProps {
  readonly step: LifeLineStep;
  readonly nodes: readonly string[];
  readonly edge: Edge;
}

function Track({ step, nodes, edge }: TrackProps) {
  const lane = nodes.indexOf(step.node);
  // A department is no lane: the line to it leaves to the right.
  const to = nodes.includes(step.destination) ? nodes.indexOf(step.destination) : nodes.length;
  const leads = step.destination !== '' && to !== lane;
  const width = (nodes.length + 1) * LANE;
  return (
    <div class="track" style={{ width: `${width}px` }}>
      <svg width={width} aria-hidden="true">
        {nodes.map((node, position) => (
          <line
            key={node}
            class={`lane lane-${position % 4}`}
            x1={x(position)}
            x2={x(position)}
            y1={edge === 'first' || edge === 'only' ? HEIGHT / 2 : 0}
            y2={edge === 'last' || edge === 'only' ? HEIGHT / 2 : '100%'}
          />
        ))}
        {leads && (
          <line
            class={`leads lane-${lane % 4}`}
            x1={x(lane)}
            x2={to === nodes.length ? width - 6 : x(to)}
            y1={HEIGHT / 2}
            y2={HEIGHT / 2}
          />
        )}
        {leads && to < nodes.length && (
          <circle class={`hollow lane-${to % 4}`} cx={x(to)} cy={HEIGHT / 2} r={4} />
        )}
        <circle class={`lane-${lane % 4}`} cx={x(lane)} cy={HEIGHT / 2} r={6} />
      </svg>
    </div>
  );
}

function x(lane: number): number {
  return lane * LANE + LANE / 2;
}

function Step({ of: step }: { of: LifeLineStep }) {
  const words = useWords();
  const said = useSaid();
  return (
    <div class="step">
      <p class="row">
        <Badge tone={TONES[step.stage]}>{words.stages[step.stage]}</Badge>
        <NodeName code={step.node} />
        <span class="faint">
          <Moment at={step.at} />
        </span>
      </p>
      <p>{said(step.textZh, step.textEn)}</p>
      {(step.rule !== '' || step.clause !== '') && (
        <p class="because">
          {step.rule !== '' && (
            <span>
              {words.rule} <code>{step.rule}</code>
            </span>
          )}
          {step.clause !== '' && (
            <span>
              {words.clause} {step.clause}
            </span>
          )}
        </p>
      )}
    </div>
  );
}
