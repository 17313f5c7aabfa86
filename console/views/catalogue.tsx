import { useState } from 'preact/hooks';
import { ScopeCategory, ScopeCategorySchema } from '#gen/zhengzhao/v1/catalog_pb.js';
import type { ScopeEntryMatch } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { ViewProps } from '../app.js';
import { useList } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { choicesOf, numberOf } from '../parts/choices.js';
import { ChoiceField, TextField } from '../parts/fields.js';
import { List } from '../parts/shown.js';
import { Badge } from '../parts/small.js';
import type { Column } from '../parts/table.js';
import { Filters, ViewPage } from '../parts/view.js';
import { useWords } from '../words/language.js';
import { EntryDialog } from './entry.js';

/** 目录检索: entries by text, code, industry, pinyin or initials, and what they lead to (R4, R16). */
export function CatalogueView({ asked }: ViewProps) {
  const words = useWords();
  const { catalogue: names } = words;
  const { catalog } = useHub();
  const [opened, setOpened] = useState('');
  const [about, setAbout] = useState({ total: 0, version: '', provisional: false, stale: false });
  const { query = '', on = '' } = asked;
  const category = numberOf(ScopeCategorySchema, asked['category']);
  const list = useList(async (pageToken, options) => {
    const request = { query, category, onDate: on, pageToken, pageSize: 50 };
    const answer = await catalog.searchScopeEntries(request, options);
    const { total, catalogVersion: version, provisional, stale } = answer;
    setAbout({ total, version, provisional, stale });
    return { rows: answer.matches, next: answer.nextPageToken };
  }, JSON.stringify(asked));
  return (
    <ViewPage view="catalogue" lead={names.lead}>
      <Filters view="catalogue" asked={asked} again={list.again}>
        <TextField
          name="query"
          type="search"
          label={names.query}
          hint={names.queryHint}
          value={query}
          max={100}
        />
        <ChoiceField
          name="category"
          label={names.category}
          value={asked['category']}
          any={words.all}
          choices={choicesOf(ScopeCategorySchema, words.scopeCategories)}
        />
        <TextField name="on" type="date" label={names.on} value={on} />
      </Filters>
      {list.answer && (
        <p role="status">
          {names.found(about.total, about.version)}{' '}
          {about.provisional && <Badge tone="waiting">{words.provisional}</Badge>}{' '}
          {about.stale && <Badge tone="waiting">{words.stale}</Badge>}
        </p>
      )}
      <List
        of={list}
        caption={words.views.catalogue}
        none={names.none}
        keyOf={({ entry }) => entry?.scopeEntryCode ?? ''}
        columns={useColumns(setOpened)}
      />
      {opened !== '' && <EntryDialog code={opened} on={on} onClose={() => setOpened('')} />}
    </ViewPage>
  );
}

function useColumns(open: (code: string) => void): Column<ScopeEntryMatch>[] {
  const words = useWords();
  const { catalogue: names } = words;
  return [
    {
      head: words.code,
      cell: ({ entry }) => (
        <button
          type="button"
          class="code"
          aria-label={names.opens(entry?.scopeEntryCode ?? '')}
          onClick={() => open(entry?.scopeEntryCode ?? '')}
        >
          {entry?.scopeEntryCode}
        </button>
      ),
    },
    { head: names.entry, cell: ({ entry }) => entry?.name },
    {
      head: names.category,
      cell: ({ entry }) => (
        <Badge tone={entry?.category === ScopeCategory.PERMIT ? 'waiting' : 'quiet'}>
          {words.scopeCategories[entry?.category ?? ScopeCategory.UNSPECIFIED]}
        </Badge>
      ),
    },
    {
      head: names.itemCount,
      cell: ({ permitItemCodes }) => <code>{permitItemCodes.join('、')}</code>,
    },
    {
      head: names.matched,
      cell: ({ matchedBy }) => <span class="faint">{words.matchedBy[matchedBy] ?? matchedBy}</span>,
    },
  ];
}
