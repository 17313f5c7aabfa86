import type {
  EnterpriseSummary,
  SearchEnterprisesResponse,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import type { Bilingual } from '../domain/errors.js';
import { html, type Content, type Html } from './html.js';
import { renderPage } from './layout.js';
import type { Reader } from './reader.js';
import { chinese } from './reader.js';

/** What was searched for and what came of it. */
export interface Search {
  readonly query: string;
  /** Token of the page that is shown; empty: the first. */
  readonly after: string;
  /** Unset: nothing was searched for yet, or the question was refused. */
  readonly found?: SearchEnterprisesResponse;
  /** Why the question was refused, all of it. */
  readonly problems?: readonly Bilingual[];
}

/** The page with the form, and the enterprises that were found. */
export function searchPage(search: Search, node: string, reader: Reader): string {
  const { words } = reader;
  const { query, after, found } = search;
  const title = query === '' ? words.site : words.search.results(query);
  const frame = { path: '/', parameters: { q: query, after }, title, node };
  return renderPage(frame, reader, [
    html`<h1>${words.site}</h1>`,
    html`<p class="purpose">${words.purpose}</p>`,
    form(search, reader),
    found && results(search, found, reader),
  ]);
}

function form({ query, problems = [] }: Search, reader: Reader): Html {
  const { search } = reader.words;
  const refused = problems.length > 0;
  return html`
    <form role="search" action="/" method="get">
      <label for="q">${search.label}</label>
      <div class="ask">
        <input
          id="q"
          name="q"
          type="search"
          maxlength="200"
          required
          value="${query}"
          aria-invalid="${String(refused)}"
          aria-describedby="${refused ? 'problems hint' : 'hint'}"
          autocomplete="off"
        />
        ${
          reader.keptLanguage &&
          html`<input type="hidden" name="lang" value="${reader.keptLanguage}" />`
        }
        <button type="submit">${search.submit}</button>
      </div>
      ${
        refused &&
        html`<div id="problems" class="problems" role="alert">
          ${problems.map((problem) => html`<p>${problem[reader.language]}</p>`)}
        </div>`
      }
      <p id="hint" class="hint">${search.hint}</p>
    </form>
  `;
}

function results(search: Search, found: SearchEnterprisesResponse, reader: Reader): Html {
  const { enterprises, nextPageToken } = found;
  const texts = reader.words.search;
  const heading = texts.results(search.query);
  if (enterprises.length === 0)
    return html`
      <section aria-labelledby="results">
        <h2 id="results">${heading}</h2>
        <p class="empty">${texts.none}</p>
        <p>${texts.noneHelp}</p>
      </section>
    `;
  return html`
    <section aria-labelledby="results">
      <h2 id="results">${heading}</h2>
      <p>${texts.many}</p>
      <table class="stacked">
        <caption class="hidden">
          ${heading}
        </caption>
        <thead>
          <tr>
            ${texts.columns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${enterprises.map((one) => row(one, reader))}
        </tbody>
      </table>
      ${paging(search, nextPageToken, reader)}
    </section>
  `;
}

function row(one: EnterpriseSummary, reader: Reader): Html {
  const [, code = '', state = '', authority = ''] = reader.words.search.columns;
  return html`
    <tr>
      <th scope="row">
        <a href="${reader.link(`/enterprises/${one.uscc}`)}"
          >${reader.show(chinese(one.entName))}</a
        >
      </th>
      <td data-label="${code}"><code>${one.uscc}</code></td>
      <td data-label="${state}">${reader.show(reader.names.value('reg_state', one.regState))}</td>
      <td data-label="${authority}">${reader.show(chinese(one.regOrgName))}</td>
    </tr>
  `;
}

function paging({ query, after }: Search, next: string, reader: Reader): Content {
  const { search } = reader.words;
  if (after === '' && next === '') return undefined;
  return html`
    <nav class="paging" aria-label="${search.next}">
      ${after !== '' && html`<a href="${reader.link('/', { q: query })}">${search.first}</a>`}
      ${
        next !== '' &&
        html`<a rel="next" href="${reader.link('/', { q: query, after: next })}">${search.next}</a>`
      }
    </nav>
  `;
}
