import type { CatalogVersion } from '#gen/zhengzhao/v1/catalog_pb.js';
import {
  CatalogChangeKindSchema,
  CatalogTableSchema,
  type ReleaseHolder,
} from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { ViewProps } from '../app.js';
import { useAnswer, useList } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { choicesOf } from '../parts/choices.js';
import { ChoiceField } from '../parts/fields.js';
import { List, Shown } from '../parts/shown.js';
import { Badge, figure, Moment, NodeName, useNodeName } from '../parts/small.js';
import { Table } from '../parts/table.js';
import { Filters, Section, ViewPage } from '../parts/view.js';
import { useSaid, useWords } from '../words/language.js';
import { Comparison } from './comparison.js';

/** 目录版本: what is held here, what changed between two releases, and who follows (R7, R16, R25). */
export function ReleasesView({ asked }: ViewProps) {
  const { releases: names } = useWords();
  const { catalog } = useHub();
  const held = useAnswer(
    (signal) => catalog.listCatalogVersions({ pageSize: 200 }, { signal }),
    '',
  );
  return (
    <ViewPage view="releases" lead={names.lead}>
      <Shown of={held}>
        {({ catalogVersions }) => (
          <>
            <Held versions={catalogVersions} />
            <Section title={names.compare}>
              <Choice versions={catalogVersions} asked={asked} />
              <Comparison asked={asked} />
            </Section>
          </>
        )}
      </Shown>
      <Holders />
    </ViewPage>
  );
}

function Held({ versions }: { versions: readonly CatalogVersion[] }) {
  const words = useWords();
  const said = useSaid();
  const { releases: names } = words;
  return (
    <Section title={names.held}>
      <Table
        caption={names.held}
        hideCaption
        rows={versions}
        keyOf={({ layer, version }) => `${layer} ${version}`}
        columns={[
          { head: names.layer, cell: ({ layer }) => <NodeName code={layer} /> },
          {
            head: names.version,
            cell: ({ version, inForce }) => (
              <span class="row">
                <code class="whole">{version}</code>
                {inForce && <Badge tone="good">{names.inForce}</Badge>}
              </span>
            ),
          },
          {
            head: words.status.title,
            cell: ({ titleZh, titleEn, provisional }) => (
              <>
                {said(titleZh, titleEn)}{' '}
                {provisional && <Badge tone="waiting">{words.provisional}</Badge>}
              </>
            ),
          },
          {
            head: words.status.effective,
            cell: ({ effectiveFrom }) => <Moment at={effectiveFrom} />,
          },
          {
            head: words.status.entries,
            figures: true,
            cell: ({ entryCount }) => figure(entryCount),
          },
          { head: words.status.items, figures: true, cell: ({ itemCount }) => figure(itemCount) },
          { head: names.stored, cell: ({ storedAt }) => <Moment at={storedAt} /> },
        ]}
      />
    </Section>
  );
}

interface ChoiceProps {
  readonly versions: readonly CatalogVersion[];
  readonly asked: Readonly<Record<string, string>>;
}

function Choice({ versions, asked }: ChoiceProps) {
  const words = useWords();
  const nameOf = useNodeName();
  const { releases: names } = words;
  const layers = [...new Set(versions.map(({ layer }) => layer))].sort();
  const layer = asked['layer'] || layers[0];
  const choices = versions
    .filter((one) => one.layer === layer)
    .map(({ version }) => [version, version] as const);
  return (
    <Filters view="releases" asked={asked}>
      <ChoiceField
        name="layer"
        label={names.layer}
        value={layer}
        choices={layers.map((one) => [one, `${nameOf(one)} ${one}`] as const)}
      />
      <ChoiceField
        name="from"
        label={names.old}
        value={asked['from']}
        any="—"
        hint={names.oldHint}
        choices={choices}
      />
      <ChoiceField
        name="to"
        label={names.fresh}
        value={asked['to']}
        any="—"
        hint={names.freshHint}
        choices={choices}
      />
      <ChoiceField
        name="table"
        label={names.table}
        value={asked['table']}
        any={words.all}
        choices={choicesOf(CatalogTableSchema, words.catalogTables)}
      />
      <ChoiceField
        name="kind"
        label={names.way}
        value={asked['kind']}
        any={words.all}
        choices={choicesOf(CatalogChangeKindSchema, words.changeKinds)}
      />
    </Filters>
  );
}

/** The national node is told by each province what it holds. */
function Holders() {
  const words = useWords();
  const { releases: names } = words;
  const { catalog } = useHub();
  const list = useList(async (pageToken, options) => {
    const answer = await catalog.listReleaseHolders({ pageToken }, options);
    return { rows: answer.holders, next: answer.nextPageToken };
  }, '');
  return (
    <Section title={names.holders}>
      <List
        of={list}
        caption={names.holders}
        none={names.noHolders}
        keyOf={({ node }) => node}
        columns={[
          { head: words.node, cell: ({ node }) => <NodeName code={node} /> },
          { head: names.version, cell: ({ latestVersion }) => <code>{latestVersion}</code> },
          { head: names.since, cell: ({ latestHeldSince }) => <Moment at={latestHeldSince} /> },
          { head: names.behind, cell: (holder) => <Behind of={holder} /> },
          { head: names.missing, cell: ({ missingVersions }) => missingVersions.join('、') },
          { head: names.reported, cell: ({ reportedAt }) => <Moment at={reportedAt} /> },
        ]}
      />
    </Section>
  );
}

function Behind({ of: { behind } }: { of: ReleaseHolder }) {
  const { releases: names } = useWords();
  return <Badge tone={behind === 0 ? 'good' : 'waiting'}>{names.behindOf(behind)}</Badge>;
}
