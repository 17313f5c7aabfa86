import { useState } from 'preact/hooks';
import {
  CatalogChangeKind,
  CatalogChangeKindSchema,
  CatalogTableSchema,
  type CatalogChange,
  type CompareReleasesResponse,
} from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { useList } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { numberOf } from '../parts/choices.js';
import { List } from '../parts/shown.js';
import { Badge, Facts, figure, type Tone } from '../parts/small.js';
import { Table, type Column } from '../parts/table.js';
import { useSaid, useWords } from '../words/language.js';

/** What one release changes against another, row by row and field by field, and whom it concerns. */
export function Comparison({ asked }: { asked: Readonly<Record<string, string>> }) {
  const { releases: names } = useWords();
  const { catalog } = useHub();
  const [about, setAbout] = useState<CompareReleasesResponse>();
  const list = useList(async (pageToken, options) => {
    const request = {
      layer: asked['layer'] ?? '',
      fromVersion: asked['from'] ?? '',
      toVersion: asked['to'] ?? '',
      table: numberOf(CatalogTableSchema, asked['table']),
      kind: numberOf(CatalogChangeKindSchema, asked['kind']),
      pageToken,
    };
    const answer = await catalog.compareReleases(request, options);
    if (pageToken === '') setAbout(answer);
    return { rows: answer.changes, next: answer.nextPageToken };
  }, JSON.stringify(asked));
  return (
    <>
      {about && list.answer && <Summary of={about} />}
      <List
        of={list}
        caption={names.compare}
        none={names.none}
        keyOf={(change) => `${change.table} ${codesOf(change)}`}
        columns={useColumns()}
      />
      {about && list.answer && about.departments.length > 0 && <Concerned of={about} />}
    </>
  );
}

function Summary({ of: { from, to, counts, total } }: { of: CompareReleasesResponse }) {
  const words = useWords();
  const { releases: names } = words;
  return (
    <>
      <p role="status">
        {names.result(from?.version ?? names.nothing, to?.version ?? names.nothing)}{' '}
        <span class="faint">{names.changes(total)}</span>
      </p>
      {counts.length > 0 && (
        <Facts
          of={counts.map(({ table, kind, count }) => [
            `${words.catalogTables[table]} · ${words.changeKinds[kind]}`,
            figure(count),
          ])}
        />
      )}
    </>
  );
}

function Concerned({ of: { departments, departmentCount } }: { of: CompareReleasesResponse }) {
  const words = useWords();
  const { releases: names } = words;
  return (
    <details>
      <summary>
        {names.concerned} {figure(departmentCount)}
      </summary>
      <Table
        caption={names.concerned}
        hideCaption
        rows={departments}
        keyOf={({ orgCode }) => orgCode}
        columns={[
          { head: words.department, cell: ({ orgName }) => orgName },
          { head: words.code, cell: ({ orgCode }) => <code>{orgCode}</code> },
          {
            head: names.changeCount,
            figures: true,
            cell: ({ changeCount }) => figure(changeCount),
          },
        ]}
      />
    </details>
  );
}

const TONES: Readonly<Record<CatalogChangeKind, Tone>> = {
  [CatalogChangeKind.UNSPECIFIED]: 'quiet',
  [CatalogChangeKind.ADDED]: 'good',
  [CatalogChangeKind.CHANGED]: 'waiting',
  [CatalogChangeKind.REMOVED]: 'bad',
};

function useColumns(): Column<CatalogChange>[] {
  const words = useWords();
  const { releases: names } = words;
  return [
    { head: names.table, cell: ({ table }) => words.catalogTables[table] },
    {
      head: names.way,
      cell: ({ kind }) => <Badge tone={TONES[kind]}>{words.changeKinds[kind]}</Badge>,
    },
    { head: words.code, cell: (change) => <code>{codesOf(change)}</code> },
    { head: words.name, cell: ({ name }) => name },
    { head: names.field, cell: (change) => <Fields of={change} /> },
    {
      head: names.concernedItems,
      cell: ({ concernedItemCodes }) => <code>{concernedItemCodes.join(' ')}</code>,
    },
  ];
}

function codesOf({ scopeEntryCode, permitItemCode, regionCode, orgCode }: CatalogChange): string {
  return [scopeEntryCode, permitItemCode, regionCode, orgCode]
    .filter((one) => one !== '')
    .join(' ');
}

function Fields({ of: { fields } }: { of: CatalogChange }) {
  const said = useSaid();
  return (
    <>
      {fields.map(({ field, labelZh, before, after }) => (
        <div key={field}>
          <span class="faint">{said(labelZh, field)}</span> <del>{before || '—'}</del> →{' '}
          <ins>{after || '—'}</ins>
        </div>
      ))}
    </>
  );
}
