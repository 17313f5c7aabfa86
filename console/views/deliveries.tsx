import { useState } from 'preact/hooks';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  DeliveryState,
  DeliveryStateSchema,
  type DeliveryInfo,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import type { ViewProps } from '../app.js';
import { useList } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { choicesOf, numberOf } from '../parts/choices.js';
import { ChoiceField, TextField } from '../parts/fields.js';
import { List } from '../parts/shown.js';
import { Badge, Kind, MessageLink, Moment, NodeName, type Tone } from '../parts/small.js';
import type { Column } from '../parts/table.js';
import { Filters, Notice, Refresh, ViewPage } from '../parts/view.js';
import { useWords } from '../words/language.js';
import { ReplayDialog, type Replay } from './replay.js';

/** What waits for other nodes, what became a dead letter, and sending it again. */
export function DeliveriesView({ asked }: ViewProps) {
  const words = useWords();
  const { deliveries: names } = words;
  const { exchange } = useHub();
  const [replay, setReplay] = useState<Replay>();
  const [notice, setNotice] = useState('');
  const { destination = '', message = '' } = asked;
  const state = numberOf(DeliveryStateSchema, asked['state']);
  const list = useList(async (pageToken, options) => {
    const request = { destination, state, messageId: message, pageSize: 50, pageToken };
    const answer = await exchange.listDeliveries(request, options);
    return { rows: answer.deliveries, next: answer.nextPageToken };
  }, JSON.stringify(asked));
  const replayed = (text: string): void => {
    setReplay(undefined);
    setNotice(text);
    list.again();
  };
  return (
    <ViewPage view="deliveries" lead={names.lead}>
      <Filters view="deliveries" asked={asked} again={list.again}>
        <ChoiceField
          name="state"
          label={words.state}
          value={asked['state']}
          any={words.all}
          choices={choicesOf(DeliveryStateSchema, words.deliveryStates)}
        />
        <TextField name="destination" label={names.destination} value={destination} max={50} />
        <TextField name="message" label={words.life.id} value={message} max={64} />
      </Filters>
      <div class="toolbar">
        <button type="button" onClick={() => setReplay({ destination })}>
          {names.replayAll}
        </button>
        <button type="button" onClick={() => setReplay({ destination, stop: true })}>
          {names.stop}
        </button>
        <Refresh of={list} />
      </div>
      <Notice text={notice} />
      <List
        of={list}
        caption={words.views.deliveries}
        none={names.none}
        keyOf={({ deliveryId }) => deliveryId}
        columns={useColumns(setReplay)}
      />
      {replay && (
        <ReplayDialog of={replay} onDone={replayed} onClose={() => setReplay(undefined)} />
      )}
    </ViewPage>
  );
}

const TONES: Readonly<Record<DeliveryState, Tone>> = {
  [DeliveryState.UNSPECIFIED]: 'quiet',
  [DeliveryState.OPEN]: 'waiting',
  [DeliveryState.ACKNOWLEDGED]: 'good',
  [DeliveryState.DEAD]: 'bad',
  [DeliveryState.HELD_BACK]: 'quiet',
};

function useColumns(replay: (of: Replay) => void): Column<DeliveryInfo>[] {
  const words = useWords();
  const { deliveries: names } = words;
  return [
    { head: names.id, cell: ({ deliveryId }) => <code class="whole">{deliveryId}</code> },
    {
      head: words.message,
      cell: ({ messageId, sourceNode }) => <MessageLink id={messageId} source={sourceNode} />,
    },
    { head: words.kind, cell: ({ kind }) => <Kind of={kind} /> },
    { head: names.destination, cell: ({ destination }) => <NodeName code={destination} /> },
    {
      head: words.state,
      cell: ({ state }) => <Badge tone={TONES[state]}>{words.deliveryStates[state]}</Badge>,
    },
    { head: words.clause, cell: ({ rule, clause }) => clause || rule },
    { head: names.attempts, figures: true, cell: ({ attempts }) => attempts },
    {
      head: words.at,
      cell: ({ settledAt, createdAt }) => <Moment at={settledAt ?? createdAt} />,
    },
    { head: words.why, cell: (one) => <Why of={one} /> },
    {
      head: words.acts,
      cell: ({ deliveryId, destination, state, attempts }) =>
        state === DeliveryState.DEAD || (state === DeliveryState.OPEN && attempts > 0) ? (
          <button
            type="button"
            aria-label={names.replayOneOf(deliveryId)}
            onClick={() => replay({ id: deliveryId, destination })}
          >
            {names.replayOne}
          </button>
        ) : null,
    },
  ];
}

function Why({ of: { lastReason, lastError, replayedBy, replayReason } }: { of: DeliveryInfo }) {
  const { deliveries: names } = useWords();
  return (
    <>
      {lastReason !== ErrorReason.UNSPECIFIED && <code>{ErrorReason[lastReason]}</code>} {lastError}
      {replayedBy !== '' && (
        <div class="faint">
          {names.replayedBy}: {replayedBy}
          {replayReason !== '' && ` (${replayReason})`}
        </div>
      )}
    </>
  );
}
