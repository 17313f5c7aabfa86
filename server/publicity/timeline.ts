import type { Entry, Source } from './entries.js';
import { html, type Content, type Html } from './html.js';
import type { Reader } from './reader.js';
import type { Standing } from './standing.js';
import type { Words } from './words.js';

/** Entries from the newest to the oldest, each with its authority and source. */
export function timeline(entries: readonly Entry[], reader: Reader): Html {
  return html`<ol class="timeline">
    ${entries.map((entry) => item(entry, reader))}
  </ol>`;
}

/** A word that says of what kind something is, or how it stands. */
export function badge(style: string, text: string): Html {
  return html`<span class="badge ${style}">${text}</span>`;
}

function item(entry: Entry, reader: Reader): Html {
  const { kind, day, title, standing, authority, facts, source } = entry;
  const { words } = reader;
  return html`
    <li class="${kind}">
      <p class="when">
        <time datetime="${day}">${day}</time>
        ${badge(kind, words.kinds[kind])}
        ${standing && badge(standing.is, standingText(standing, words))}
      </p>
      <h3>${reader.show(title)}</h3>
      <dl class="facts">
        <div>
          <dt>${words.fields.authority}</dt>
          <dd>${reader.show(authority)}</dd>
        </div>
        ${facts.map(
          ({ label, value }) =>
            html`<div>
              <dt>${label}</dt>
              <dd>${reader.show(value)}</dd>
            </div>`,
        )}
        ${source && sourceRow(source, reader)}
      </dl>
    </li>
  `;
}

function sourceRow({ unit, node, attributedBy, publishedOn }: Source, reader: Reader): Content {
  const { words } = reader;
  return html`<div class="source">
    <dt>${words.source}</dt>
    <dd>
      ${reader.show(unit)} (${reader.show(node)}) ·
      ${words.published(publishedOn, attributedBy.text)}
    </dd>
  </div>`;
}

function standingText(standing: Standing, words: Words): string {
  switch (standing.is) {
    case 'current':
      return standing.until === ''
        ? words.current
        : `${words.current} ${words.until(standing.until)}`;
    case 'upcoming':
      return words.upcoming(standing.from);
    case 'ended':
      if (standing.how === 'expired') return words.expired(standing.since);
      return `${words.endings[standing.how]} ${standing.since && words.since(standing.since)}`.trim();
    case 'done':
      return words.done;
  }
}
