import type { PermitItem, ScopeEntry } from '#gen/zhengzhao/v1/catalog_pb.js';
import { useAnswer } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { ReadDialog } from '../parts/dialog.js';
import { Shown } from '../parts/shown.js';
import { Facts } from '../parts/small.js';
import { Table } from '../parts/table.js';
import { useWords } from '../words/language.js';

interface EntryProps {
  readonly code: string;
  /** Civil date on which the catalogue is looked at; empty: today. */
  readonly on: string;
  readonly onClose: () => void;
}

/** One entry of the catalogue with its permit items, their reform mode and their departments. */
export function EntryDialog({ code, on, onClose }: EntryProps) {
  const words = useWords();
  const { catalogue: names } = words;
  const { catalog } = useHub();
  const entry = useAnswer(
    (signal) => catalog.getScopeEntry({ scopeEntryCode: code, onDate: on }, { signal }),
    code,
  );
  return (
    <ReadDialog title={names.entryTitle} onClose={onClose}>
      <Shown of={entry}>
        {(answer) => (
          <>
            {answer.entry && <EntryFacts of={answer.entry} />}
            <Table
              caption={names.itemCount}
              rows={answer.items}
              keyOf={({ permitItemCode }) => permitItemCode}
              none={names.noItems}
              columns={[
                {
                  head: words.name,
                  cell: ({ name, permitItemCode }) => (
                    <>
                      {name} <code class="faint">{permitItemCode}</code>
                    </>
                  ),
                },
                {
                  head: words.packages.mode,
                  cell: ({ reformMode }) => words.reformModes[reformMode],
                },
                { head: names.setLevel, cell: ({ setLevel }) => words.setLevels[setLevel] },
                { head: names.competent, cell: ({ competentDeptName }) => competentDeptName },
                { head: names.departments, cell: (item) => <Departments of={item} /> },
              ]}
            />
          </>
        )}
      </Shown>
    </ReadDialog>
  );
}

function EntryFacts({ of: entry }: { of: ScopeEntry }) {
  const words = useWords();
  const { catalogue: names } = words;
  return (
    <Facts
      of={[
        [words.code, <code>{entry.scopeEntryCode}</code>],
        [names.entry, entry.name],
        [names.category, words.scopeCategories[entry.category]],
        [names.industries, entry.industryCodes.join('、')],
        [names.includes, entry.includeNote],
        [names.excludes, entry.excludeNote],
      ]}
    />
  );
}

/** Departments named in full; an item of the whole country may have hundreds. */
const NAMED = 3;

function Departments({ of: { licensingAuthorities } }: { of: PermitItem }) {
  const { catalogue: names } = useWords();
  const departments = [...new Set(licensingAuthorities.map(({ orgName }) => orgName))];
  const more = departments.length > NAMED ? ` ${names.moreDepartments(departments.length)}` : '';
  return (
    <>
      {departments.slice(0, NAMED).join('、')}
      {more}
    </>
  );
}
