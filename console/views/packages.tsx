import { useState } from 'preact/hooks';
import {
  PackageStatus,
  PackageStatusSchema,
  type DepartmentPackage,
} from '#gen/zhengzhao/v1/package_pb.js';
import type { ViewProps } from '../app.js';
import { useList } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { choicesOf, numberOf } from '../parts/choices.js';
import { ChoiceField, TextField } from '../parts/fields.js';
import { List } from '../parts/shown.js';
import { Badge, MessageLink, Moment, type Tone } from '../parts/small.js';
import type { Column } from '../parts/table.js';
import { Filters, Notice, Refresh, ViewPage } from '../parts/view.js';
import { useWords } from '../words/language.js';
import { AcknowledgeDialog } from './acknowledge.js';
import { ContentDialog } from './package-content.js';

/** What a receiving department is sent, and what it did with it (R26, R33, F22). */
export function PackagesView({ asked }: ViewProps) {
  const words = useWords();
  const { packages: names } = words;
  const { department = '' } = asked;
  return (
    <ViewPage view="packages" lead={names.lead}>
      <Filters view="packages" asked={asked}>
        <TextField name="department" label={names.dept} value={department} max={18} required />
        <ChoiceField
          name="status"
          label={words.state}
          value={asked['status']}
          any={words.all}
          choices={choicesOf(PackageStatusSchema, words.packageStatuses)}
        />
      </Filters>
      {department === '' ? (
        <p class="none">{names.deptAsk}</p>
      ) : (
        <Packages department={department} status={asked['status']} />
      )}
    </ViewPage>
  );
}

interface PackagesProps {
  readonly department: string;
  readonly status: string | undefined;
}

interface Choice {
  readonly of: DepartmentPackage;
  readonly how: 'fetch' | 'acknowledge';
}

function Packages({ department, status }: PackagesProps) {
  const words = useWords();
  const { dataCenter } = useHub();
  const [choice, setChoice] = useState<Choice>();
  const [notice, setNotice] = useState('');
  const list = useList(async (pageToken, options) => {
    const asked = {
      receivingDeptCode: department,
      status: numberOf(PackageStatusSchema, status),
      pageToken,
    };
    const answer = await dataCenter.listPackages(asked, options);
    return { rows: answer.packages, next: answer.nextPageToken };
  }, `${department} ${status}`);
  const close = (): void => {
    setChoice(undefined);
    list.again();
  };
  return (
    <>
      <div class="toolbar">
        <Refresh of={list} />
      </div>
      <Notice text={notice} />
      <List
        of={list}
        caption={words.views.packages}
        none={words.packages.none}
        keyOf={({ packageId }) => packageId}
        columns={useColumns(setChoice)}
      />
      {choice?.how === 'fetch' && <ContentDialog of={choice.of} onClose={close} />}
      {choice?.how === 'acknowledge' && (
        <AcknowledgeDialog
          of={choice.of}
          onClose={() => setChoice(undefined)}
          onDone={(text) => {
            setNotice(text);
            close();
          }}
        />
      )}
    </>
  );
}

const TONES: Readonly<Record<PackageStatus, Tone>> = {
  [PackageStatus.UNSPECIFIED]: 'quiet',
  [PackageStatus.BUILT]: 'waiting',
  [PackageStatus.SENT]: 'quiet',
  [PackageStatus.DEEMED_DELIVERED]: 'good',
  [PackageStatus.FAILED]: 'bad',
  [PackageStatus.RECEIVED]: 'good',
  [PackageStatus.CLAIMED]: 'good',
  [PackageStatus.RETURNED]: 'bad',
  [PackageStatus.REASSIGNED]: 'quiet',
  [PackageStatus.TERMINATED]: 'quiet',
};

/** After these nothing follows. */
const ENDS = [PackageStatus.REASSIGNED, PackageStatus.TERMINATED];

function useColumns(choose: (choice: Choice) => void): Column<DepartmentPackage>[] {
  const words = useWords();
  const { packages: names } = words;
  return [
    { head: names.id, cell: ({ packageId }) => <code>{packageId}</code> },
    { head: names.built, cell: ({ createdAt }) => <Moment at={createdAt} /> },
    { head: words.enterprise, cell: ({ uscc }) => <code class="whole">{uscc}</code> },
    {
      head: words.message,
      cell: ({ registrationMessageId, sourceNode }) => (
        <MessageLink id={registrationMessageId} source={sourceNode} />
      ),
    },
    {
      head: names.channels,
      cell: ({ channels }) => channels.map((channel) => words.channels[channel]).join('、'),
    },
    {
      head: words.state,
      cell: ({ status, returnReason, platformReceiptNo }) => (
        <>
          <Badge tone={TONES[status]}>{words.packageStatuses[status]}</Badge>
          <div class="faint">{words.returnReasons[returnReason]}</div>
          <div class="code faint">{platformReceiptNo}</div>
        </>
      ),
    },
    {
      head: words.acts,
      cell: (one) => (
        <span class="row">
          <button
            type="button"
            aria-label={names.openOf(one.packageId)}
            onClick={() => choose({ of: one, how: 'fetch' })}
          >
            {names.open}
          </button>
          {!ENDS.includes(one.status) && (
            <button
              type="button"
              aria-label={names.acknowledgeOf(one.packageId)}
              onClick={() => choose({ of: one, how: 'acknowledge' })}
            >
              {names.acknowledge}
            </button>
          )}
        </span>
      ),
    },
  ];
}
