import type { GetMessageResponse } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { ViewProps } from '../app.js';
import { useAnswer } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { Findings } from '../parts/failure.js';
import { TextField } from '../parts/fields.js';
import { LifeLine } from '../parts/life-line.js';
import { Shown } from '../parts/shown.js';
import { Facts, Moment, NodeName, useNodeName } from '../parts/small.js';
import { Filters, Section, ViewPage } from '../parts/view.js';
import { useWords } from '../words/language.js';

/** The life of one message, over every node on its way. */
export function MessageView({ asked }: ViewProps) {
  const { life } = useWords();
  const { id = '', source = '' } = asked;
  return (
    <ViewPage view="message" lead={life.lead}>
      <Filters view="message" asked={asked}>
        <TextField name="id" label={life.id} value={id} max={64} required />
        <TextField
          name="source"
          label={life.source}
          value={source}
          hint={life.sourceHint}
          max={6}
        />
      </Filters>
      {id === '' ? <p class="none">{life.ask}</p> : <Life id={id} source={source} />}
    </ViewPage>
  );
}

function Life({ id, source }: { id: string; source: string }) {
  const { life } = useWords();
  const { exchange } = useHub();
  const message = useAnswer(
    (signal) => exchange.getMessage({ messageId: id, sourceNode: source }, { signal }),
    `${source}/${id}`,
  );
  return (
    <Shown of={message}>
      {(answer) => (
        <>
          <MessageFacts of={answer} />
          <Missing nodes={answer.unreachableNodes} />
          <Section title={life.line} about={life.steps(answer.steps.length)}>
            <LifeLine steps={answer.steps} />
          </Section>
          {answer.warnings.length > 0 && (
            <Section title={life.warnings}>
              <Findings findings={answer.warnings} />
            </Section>
          )}
        </>
      )}
    </Shown>
  );
}

function MessageFacts({ of: message }: { of: GetMessageResponse }) {
  const words = useWords();
  const { life } = words;
  const { receipt, kind, namingState } = message;
  return (
    <Facts
      of={[
        [words.kind, words.messageKinds[kind]],
        [life.effect, words.effects[receipt?.effect ?? 0]],
        [life.naming, words.namingStates[namingState]],
        [life.accepted, <Moment at={receipt?.acceptedAt} />],
        [life.source, <NodeName code={receipt?.sourceNode ?? ''} />],
        [life.receipt, <code>{receipt?.receiptNo}</code>],
        [life.key, <code>{message.businessKey}</code>],
        [life.version, String(message.recordVersion)],
        [life.digest, <code>{receipt?.digest}</code>],
      ]}
    />
  );
}

function Missing({ nodes }: { nodes: readonly string[] }) {
  const { life } = useWords();
  const nameOf = useNodeName();
  if (nodes.length === 0) return null;
  return (
    <p class="warning" role="status">
      {life.missing([...new Set(nodes)].map((code) => nameOf(code)).join('、'))}
    </p>
  );
}
