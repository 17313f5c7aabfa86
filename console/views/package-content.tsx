import type { DepartmentPackage, PackageContent } from '#gen/zhengzhao/v1/package_pb.js';
import { useAnswer } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { ReadDialog } from '../parts/dialog.js';
import { Shown } from '../parts/shown.js';
import { Facts, Moment } from '../parts/small.js';
import { Table } from '../parts/table.js';
import { useSaid, useWords } from '../words/language.js';

interface ContentProps {
  readonly of: DepartmentPackage;
  readonly onClose: () => void;
}

/** 取数据包: its content, which only its department may fetch, and which counts as having it. */
export function ContentDialog({ of: one, onClose }: ContentProps) {
  const { packages: names } = useWords();
  const { dataCenter } = useHub();
  const { packageId, receivingDeptCode } = one;
  const fetched = useAnswer(
    (signal) => dataCenter.getPackage({ packageId, receivingDeptCode }, { signal }),
    packageId,
  );
  return (
    <ReadDialog title={names.contentTitle} onClose={onClose}>
      <p class="faint">{names.openWarn}</p>
      <Shown of={fetched}>
        {({ package: found }) => (
          <>
            <Content of={found?.package} />
            <Steps of={found} />
            <Facts of={[[names.digest, <code>{found?.sha256}</code>]]} />
          </>
        )}
      </Shown>
    </ReadDialog>
  );
}

function Content({ of: content }: { of: PackageContent | undefined }) {
  const words = useWords();
  const said = useSaid();
  const { packages: names } = words;
  return (
    <>
      <Table
        caption={names.registered}
        rows={content?.registrations ?? []}
        keyOf={({ uscc }) => uscc}
        columns={[
          { head: words.name, cell: ({ entName }) => entName },
          { head: words.code, cell: ({ uscc }) => <code>{uscc}</code> },
        ]}
      />
      <Table
        caption={names.items}
        rows={content?.items ?? []}
        keyOf={({ permitItem }) => permitItem?.permitItemCode ?? ''}
        columns={[
          {
            head: names.item,
            cell: ({ permitItem, removed }) => (
              <>
                {permitItem?.permitItemName} <code class="faint">{permitItem?.permitItemCode}</code>{' '}
                {removed && names.removed}
              </>
            ),
          },
          { head: names.mode, cell: ({ reformMode }) => words.reformModes[reformMode] },
          { head: names.next, cell: (item) => said(item.nextStepZh, item.nextStepEn) },
          { head: words.clause, cell: ({ clause }) => clause },
        ]}
      />
    </>
  );
}

function Steps({ of: found }: { of: DepartmentPackage | undefined }) {
  const words = useWords();
  return (
    <Table
      caption={words.packages.steps}
      rows={found?.steps ?? []}
      keyOf={(_, position) => String(position)}
      columns={[
        { head: words.at, cell: ({ at }) => <Moment at={at} /> },
        { head: words.state, cell: ({ status }) => words.packageStatuses[status] },
        { head: words.by, cell: ({ by }) => by },
        { head: words.packages.note, cell: ({ note }) => note },
      ]}
    />
  );
}
