import { useState } from 'preact/hooks';
import {
  UnattributedReasonSchema,
  type UnattributedRecord,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import type { ViewProps } from '../app.js';
import { useList } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { choicesOf, numberOf } from '../parts/choices.js';
import { ChoiceField } from '../parts/fields.js';
import { List } from '../parts/shown.js';
import { Badge, Kind, MessageLink, Moment } from '../parts/small.js';
import type { Column } from '../parts/table.js';
import { Filters, Notice, Refresh, ViewPage } from '../parts/view.js';
import { useSaid, useWords } from '../words/language.js';
import { AttributeDialog, SendBackDialog } from './resolve.js';

interface Choice {
  readonly record: UnattributedRecord;
  readonly how: 'attribute' | 'send-back';
}

/** 记名: records that wait for a person to say whose they are (R29). */
export function WorklistView({ asked }: ViewProps) {
  const words = useWords();
  const { worklist: names } = words;
  const { dataCenter } = useHub();
  const [choice, setChoice] = useState<Choice>();
  const [notice, setNotice] = useState('');
  const reason = numberOf(UnattributedReasonSchema, asked['reason']);
  const list = useList(async (pageToken, options) => {
    const answer = await dataCenter.listUnattributed({ reason, pageToken }, options);
    return { rows: answer.records, next: answer.nextPageToken };
  }, String(reason));
  const close = (): void => setChoice(undefined);
  const done = (text: string): void => {
    close();
    setNotice(text);
    list.again();
  };
  const Resolve = choice?.how === 'attribute' ? AttributeDialog : SendBackDialog;
  return (
    <ViewPage view="worklist" lead={names.lead}>
      <Filters view="worklist" asked={asked} again={list.again}>
        <ChoiceField
          name="reason"
          label={words.why}
          value={asked['reason']}
          any={words.all}
          choices={choicesOf(UnattributedReasonSchema, words.unattributedReasons)}
        />
      </Filters>
      <div class="toolbar">
        <Refresh of={list} />
      </div>
      <Notice text={notice} />
      <List
        of={list}
        caption={words.views.worklist}
        none={names.none}
        keyOf={({ sourceNode, messageId }) => `${sourceNode} ${messageId}`}
        columns={useColumns(setChoice)}
      />
      {choice && <Resolve record={choice.record} onDone={done} onClose={close} />}
    </ViewPage>
  );
}

function useColumns(choose: (choice: Choice) => void): Column<UnattributedRecord>[] {
  const words = useWords();
  const said = useSaid();
  const { worklist: names } = words;
  return [
    { head: names.since, cell: ({ waitingSince }) => <Moment at={waitingSince} /> },
    {
      head: words.message,
      cell: ({ messageId, sourceNode, kind }) => (
        <>
          <Kind of={kind} /> <MessageLink id={messageId} source={sourceNode} />
        </>
      ),
    },
    {
      head: names.counterpart,
      cell: ({ counterpart }) => (
        <>
          {counterpart?.entName}
          <div class="code faint">{counterpart?.uscc || counterpart?.regNo}</div>
        </>
      ),
    },
    {
      head: words.why,
      cell: ({ reason, reasonZh, reasonEn }) => (
        <>
          <Badge tone="waiting">{words.unattributedReasons[reason]}</Badge>
          <div class="faint">{said(reasonZh, reasonEn)}</div>
        </>
      ),
    },
    {
      head: names.candidates,
      cell: ({ candidates }) =>
        candidates.length === 0 ? (
          <span class="faint">{names.noCandidates}</span>
        ) : (
          candidates.map(({ uscc, entName }) => (
            <div key={uscc}>
              {entName} <span class="code faint">{uscc}</span>
            </div>
          ))
        ),
    },
    {
      head: words.acts,
      cell: (record) => (
        <span class="row">
          <button
            type="button"
            aria-label={names.attributeOf(record.messageId)}
            onClick={() => choose({ record, how: 'attribute' })}
          >
            {names.attribute}
          </button>
          <button
            type="button"
            aria-label={names.sendBackOf(record.messageId)}
            onClick={() => choose({ record, how: 'send-back' })}
          >
            {names.sendBack}
          </button>
        </span>
      ),
    },
  ];
}
