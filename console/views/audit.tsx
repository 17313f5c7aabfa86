import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { AuditKindSchema, type AuditEntry } from '#gen/zhengzhao/v1/audit_pb.js';
import type { ViewProps } from '../app.js';
import { useList } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { choicesOf, numberOf } from '../parts/choices.js';
import { ChoiceField, TextField } from '../parts/fields.js';
import { List } from '../parts/shown.js';
import { MessageLink, Moment } from '../parts/small.js';
import type { Column } from '../parts/table.js';
import { Filters, ViewPage } from '../parts/view.js';
import { useWords } from '../words/language.js';
import { startOfDay } from '../words/moments.js';

/** 审计查询: who did what here, when, and by which rule. */
export function AuditView({ asked }: ViewProps) {
  const words = useWords();
  const { audit: names } = words;
  const { dataCenter } = useHub();
  const { message = '', actor = '', from = '', until = '' } = asked;
  const list = useList(async (pageToken, options) => {
    const begin = startOfDay(from);
    // The last day is meant as a whole.
    const end = startOfDay(until, 1);
    const request = {
      messageId: message,
      actor,
      kind: numberOf(AuditKindSchema, asked['kind']),
      ...(begin && { from: timestampFromDate(begin) }),
      ...(end && { until: timestampFromDate(end) }),
      pageToken,
    };
    const answer = await dataCenter.listAuditEntries(request, options);
    return { rows: answer.entries, next: answer.nextPageToken };
  }, JSON.stringify(asked));
  return (
    <ViewPage view="audit" lead={names.lead}>
      <Filters view="audit" asked={asked} again={list.again}>
        <ChoiceField
          name="kind"
          label={words.kind}
          value={asked['kind']}
          any={words.all}
          choices={choicesOf(AuditKindSchema, words.auditKinds)}
        />
        <TextField name="message" label={words.life.id} value={message} max={64} />
        <TextField
          name="actor"
          label={names.actor}
          hint={names.actorHint}
          value={actor}
          max={100}
        />
        <TextField name="from" type="date" label={words.from} value={from} />
        <TextField name="until" type="date" label={words.until} value={until} />
      </Filters>
      <List
        of={list}
        caption={words.views.audit}
        none={names.none}
        keyOf={({ link, position }) => `${link}.${position}`}
        columns={useColumns()}
      />
    </ViewPage>
  );
}

function useColumns(): Column<AuditEntry>[] {
  const words = useWords();
  const { audit: names } = words;
  return [
    {
      head: names.link,
      cell: ({ link, position }) => (
        <code class="whole">
          {String(link)}.{position}
        </code>
      ),
    },
    { head: words.at, cell: ({ at }) => <Moment at={at} /> },
    { head: words.kind, cell: ({ kind }) => <span class="whole">{words.auditKinds[kind]}</span> },
    { head: names.actor, cell: ({ actor }) => actor },
    { head: names.action, cell: ({ action }) => <code>{action}</code> },
    { head: names.subject, cell: ({ subject }) => subject },
    {
      head: words.message,
      cell: ({ messageId, sourceNode }) => <MessageLink id={messageId} source={sourceNode} />,
    },
    { head: words.rule, cell: ({ rules }) => <code class="long">{rules.join(' ')}</code> },
    { head: names.outcome, cell: ({ outcome }) => outcome },
  ];
}
