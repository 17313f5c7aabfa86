import type { DisclosedRecord, GetDisclosureResponse } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { Record } from '#gen/zhengzhao/v1/record_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { decisionDateOf } from '../domain/disclosure.js';
import { distinctChanges, paddedItem } from '../domain/validation/change-and-cancellation.js';
import { given, type Fact } from './facts.js';
import type { Name } from './names.js';
import { chinese, type Reader } from './reader.js';
import { recordFacts } from './record-facts.js';
import { standingOf, type Standing } from './standing.js';
import type { Kind } from './words.js';

/** Something on the time line. */
export interface Entry {
  readonly kind: Kind;
  /** Civil date. */
  readonly day: string;
  readonly title: Name;
  /** Unset: nothing that could end, such as a change. */
  readonly standing?: Standing;
  readonly authority: Name;
  /** Number by which others cite it; empty when it has none. */
  readonly number: string;
  readonly facts: readonly Fact[];
  /** Where it comes from; unset for the registration, whose authority is its source. */
  readonly source?: Source;
}

/** Where a record comes from. */
export interface Source {
  /** The unit whose data it is. */
  readonly unit: Name;
  /** The node that took it from there. */
  readonly node: Name;
  /** The node that attributed it to the enterprise, and the civil date of its publication. */
  readonly attributedBy: Name;
  readonly publishedOn: string;
}

/** Everything that is published of an enterprise, newest first. */
export function entriesOf(
  disclosure: GetDisclosureResponse,
  today: string,
  reader: Reader,
): Entry[] {
  const { registration, licences, filings, inspections, penalties } = disclosure;
  const records = [...licences, ...filings, ...inspections, ...penalties];
  return [
    ...records.flatMap((one) => recordEntry(one, today, reader)),
    ...(registration ? registrationEntries(registration, reader) : []),
  ].sort((a, b) => b.day.localeCompare(a.day));
}

function recordEntry(
  { record, publishedAt, attributedByNode }: DisclosedRecord,
  today: string,
  reader: Reader,
): Entry[] {
  if (!record || record.body.case === undefined) return [];
  const { envelope } = record;
  const source = {
    unit: chinese(envelope?.dataSourceOrgName || authorityOf(record.body)),
    node: reader.names.node(envelope?.sourceNode ?? ''),
    attributedBy: reader.names.node(attributedByNode),
    publishedOn: reader.dayOf(publishedAt),
  };
  return [
    {
      kind: record.body.case,
      day: decisionDateOf(record),
      standing: standingOf(record, today),
      facts: recordFacts(record, reader),
      source,
      ...headingOf(record.body, reader),
    },
  ];
}

function authorityOf(body: Record['body']): string {
  switch (body.case) {
    case 'licence':
      return body.value.licAuthorityName;
    case 'filing':
      return body.value.filingAuthorityName;
    case 'inspection':
      return body.value.inspAuthorityName;
    case 'penalty':
      return body.value.authorityName;
    case undefined:
      return '';
  }
}

function headingOf(
  body: Record['body'],
  { names, words }: Reader,
): Pick<Entry, 'title' | 'number' | 'authority'> {
  const authority = chinese(authorityOf(body));
  switch (body.case) {
    case 'licence': {
      const { licName, licDocName, licNo, licDocNo } = body.value;
      return { title: chinese(licName || licDocName), number: licNo || licDocNo, authority };
    }
    case 'filing':
      return {
        title: names.permitItem(body.value.permitItemCode),
        number: body.value.filingNo,
        authority,
      };
    case 'inspection': {
      const { taskName, inspType } = body.value;
      const type = names.value('inspection_type', inspType);
      return { title: taskName ? chinese(taskName) : type, number: body.value.taskNo, authority };
    }
    case 'penalty': {
      const { illegalActType, penDecNo } = body.value;
      return { title: chinese(illegalActType), number: penDecNo, authority };
    }
    case undefined:
      return { title: { text: words.kinds.registration, language: 'zh' }, number: '', authority };
  }
}

function registrationEntries(event: RegistrationEvent, reader: Reader): Entry[] {
  const { words, names, language } = reader;
  const authority = chinese(event.regOrgName);
  const entry = (day: string, title: Name, facts: readonly Fact[]): Entry[] =>
    day === '' ? [] : [{ kind: 'registration', day, title, authority, number: '', facts }];
  const { established, changed, cancelled } = words.events;
  return [
    ...entry(event.estDate, { text: established, language }, []),
    ...distinctChanges(event.changes).flatMap(({ altDate, altItem, altItemName, altBe, altAf }) => {
      const item = altItemName
        ? chinese(altItemName)
        : names.value('change_item', paddedItem(altItem));
      return entry(altDate, { ...item, text: `${changed}: ${item.text}` }, [
        ...given(words.fields.altBefore, altBe),
        ...given(words.fields.altAfter, altAf),
      ]);
    }),
    ...entry(
      event.cancel?.cancelDate ?? '',
      { text: cancelled, language },
      given(words.fields.cancelReason, event.cancel?.cancelReason ?? ''),
    ),
  ];
}
