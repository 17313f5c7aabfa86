import type { GetDisclosureResponse } from '#gen/zhengzhao/v1/data_center_pb.js';
import { entriesOf, type Entry } from './entries.js';
import type { Fact } from './facts.js';
import { html, type Content, type Html } from './html.js';
import { renderPage } from './layout.js';
import { chinese, type Reader } from './reader.js';
import { registrationFacts } from './registration-facts.js';
import { badge, timeline } from './timeline.js';
import { KINDS, type Kind } from './words.js';

/** Which part of the time line is asked for. */
export interface Part {
  /** Unset: everything. */
  readonly kind: Kind | undefined;
  /** 1 is the newest; one that is not there is the nearest. */
  readonly page: number;
}

/** Entries of the time line on one page. */
const ENTRIES_PER_PAGE = 50;
/** Licences and filings in force that are listed above the time line; the others are on it. */
const HOLDS_SHOWN = 50;
/** 存续 REGSTATE. */
const IN_EXISTENCE = '1';

/** The page of an enterprise: what it is, what holds now, and all that was decided. */
export function enterprisePage(
  disclosure: GetDisclosureResponse,
  part: Part,
  today: string,
  reader: Reader,
): string {
  const { uscc, entName, node, registration, truncated } = disclosure;
  const { words, names } = reader;
  const entries = entriesOf(disclosure, today, reader);
  const state = registration?.regState ?? IN_EXISTENCE;
  const parameters = partParameters(part);
  const frame = { path: `/enterprises/${uscc}`, parameters, title: entName, node };
  return renderPage(frame, reader, [
    html`<p><a href="${reader.link('/')}">${words.enterprise.back}</a></p>`,
    html`<h1>${reader.show(chinese(entName))}</h1>`,
    html`<p class="code"><code>${uscc}</code></p>`,
    state !== IN_EXISTENCE &&
      html`<p class="warning">
        ${words.enterprise.hasEnded(names.value('reg_state', state).text)}
      </p>`,
    section('registration', words.enterprise.registration, factList(disclosure, reader)),
    section('holds', words.enterprise.holds, holds(entries, reader)),
    section('timeline', words.enterprise.timeline, [
      truncated && html`<p class="hint">${words.enterprise.truncated}</p>`,
      filters(uscc, entries, part, reader),
      ...pageOfEntries(uscc, entries, part, reader),
    ]),
  ]);
}

function partParameters({ kind, page }: Part): Record<string, string> {
  return { kind: kind ?? '', page: page > 1 ? String(page) : '' };
}

function section(id: string, heading: string, content: Content): Html {
  return html`
    <section aria-labelledby="${id}">
      <h2 id="${id}">${heading}</h2>
      ${content}
    </section>
  `;
}

function factList(disclosure: GetDisclosureResponse, reader: Reader): Html {
  return html`<dl class="facts">
    ${registrationFacts(disclosure, reader).map((fact) => factRow(fact, reader))}
  </dl>`;
}

function factRow({ label, value }: Fact, reader: Reader): Html {
  return html`<div>
    <dt>${label}</dt>
    <dd>${reader.show(value)}</dd>
  </div>`;
}

function holds(entries: readonly Entry[], reader: Reader): Html {
  const { enterprise } = reader.words;
  const held = entries
    .filter(({ kind, standing }) => standing?.is === 'current' && kind !== 'penalty')
    .slice(0, HOLDS_SHOWN);
  if (held.length === 0) return html`<p class="empty">${enterprise.holdsNone}</p>`;
  return html`
    <table class="stacked">
      <caption class="hidden">
        ${enterprise.holds}
      </caption>
      <thead>
        <tr>
          ${enterprise.holdsColumns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${held.map((entry) => holdRow(entry, reader))}
      </tbody>
    </table>
  `;
}

function holdRow({ title, kind, number, standing, authority }: Entry, reader: Reader): Html {
  const [, numberLabel = '', untilLabel = '', authorityLabel = ''] =
    reader.words.enterprise.holdsColumns;
  const until = standing?.is === 'current' ? standing.until : '';
  return html`
    <tr>
      <th scope="row">${badge(kind, reader.words.kinds[kind])} ${reader.show(title)}</th>
      <td data-label="${numberLabel}">${number === '' ? '—' : reader.show(chinese(number))}</td>
      <td data-label="${untilLabel}">${until === '' ? reader.words.enterprise.noEnd : until}</td>
      <td data-label="${authorityLabel}">${reader.show(authority)}</td>
    </tr>
  `;
}

function filters(uscc: string, entries: readonly Entry[], part: Part, reader: Reader): Html {
  const { words } = reader;
  const choice = (kind: Kind | undefined, label: string): Html => {
    const count = entries.filter((entry) => kind === undefined || entry.kind === kind).length;
    const chosen = kind === part.kind ? 'page' : 'false';
    const address = reader.link(`/enterprises/${uscc}`, { kind: kind ?? '' });
    return html`<li>
      <a href="${address}#timeline" aria-current="${chosen}">${label} (${count})</a>
    </li>`;
  };
  return html`
    <nav aria-labelledby="timeline">
      <ul class="filters">
        ${choice(undefined, words.enterprise.all)}
        ${KINDS.map((kind) => choice(kind, words.kinds[kind]))}
      </ul>
    </nav>
  `;
}

function pageOfEntries(
  uscc: string,
  entries: readonly Entry[],
  { kind, page: asked }: Part,
  reader: Reader,
): Content[] {
  const { enterprise } = reader.words;
  const chosen = entries.filter((entry) => kind === undefined || entry.kind === kind);
  if (chosen.length === 0) return [html`<p class="empty">${enterprise.empty}</p>`];
  const pages = Math.ceil(chosen.length / ENTRIES_PER_PAGE);
  const page = Math.min(asked, pages);
  const start = (page - 1) * ENTRIES_PER_PAGE;
  const to = (other: number): string =>
    `${reader.link(`/enterprises/${uscc}`, partParameters({ kind, page: other }))}#timeline`;
  return [
    timeline(chosen.slice(start, start + ENTRIES_PER_PAGE), reader),
    pages > 1 &&
      html`
        <nav class="paging" aria-label="${enterprise.pages}">
          ${page > 1 && html`<a rel="prev" href="${to(page - 1)}">${enterprise.newer}</a>`}
          <span>${enterprise.page(page, pages)}</span>
          ${page < pages && html`<a rel="next" href="${to(page + 1)}">${enterprise.older}</a>`}
        </nav>
      `,
  ];
}
