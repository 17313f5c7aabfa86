import { useState } from 'preact/hooks';
import {
  PackageStatus,
  PackageStatusSchema,
  ReturnReasonSchema,
  type DepartmentPackage,
} from '#gen/zhengzhao/v1/package_pb.js';
import { useAct } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { choicesOf, nameOf, numberOf } from '../parts/choices.js';
import { ActDialog } from '../parts/dialog.js';
import { ChoiceField, LongField, OperatorField, TextField } from '../parts/fields.js';
import { useWords } from '../words/language.js';

/** What a department or its platform can report of a package; the hub says which step is possible. */
const REPORTED = [
  PackageStatus.DEEMED_DELIVERED,
  PackageStatus.RECEIVED,
  PackageStatus.CLAIMED,
  PackageStatus.RETURNED,
  PackageStatus.REASSIGNED,
  PackageStatus.TERMINATED,
];

interface AcknowledgeProps {
  readonly of: DepartmentPackage;
  readonly onDone: (notice: string) => void;
  readonly onClose: () => void;
}

/** 数据包回执: what became of a package, with what the state needs to be said (R33, F22). */
export function AcknowledgeDialog({ of: one, onDone, onClose }: AcknowledgeProps) {
  const words = useWords();
  const { packages: names } = words;
  const { dataCenter } = useHub();
  const [reached, setReached] = useState(PackageStatus.RECEIVED);
  const { packageId, receivingDeptCode } = one;
  const act = useAct(
    (values: Record<string, string>) =>
      dataCenter.acknowledgePackage({
        packageId,
        receivingDeptCode,
        status: reached,
        platformReceiptNo: values['receipt'] ?? '',
        returnReason: numberOf(ReturnReasonSchema, values['why']),
        reassignedDeptCode: values['code'] ?? '',
        reassignedDeptName: values['name'] ?? '',
        by: values['by'] ?? '',
        note: values['note'] ?? '',
      }),
    ({ package: now, reassignedPackageId }) => {
      const state = words.packageStatuses[now?.status ?? PackageStatus.UNSPECIFIED];
      const made = reassignedPackageId === '' ? '' : names.reassignedAs(reassignedPackageId);
      onDone(`${names.acknowledged(packageId, state)} ${made}`.trim());
    },
  );
  return (
    <ActDialog
      title={names.acknowledgeTitle}
      about={names.acknowledgeWhat(packageId, one.receivingDeptName)}
      confirm={words.packageStatuses[reached]}
      grave={reached === PackageStatus.RETURNED || reached === PackageStatus.TERMINATED}
      act={act}
      onClose={onClose}
    >
      <ChoiceField
        name="status"
        label={names.reached}
        value={nameOf(PackageStatusSchema, reached)}
        choices={choicesOf(PackageStatusSchema, words.packageStatuses, REPORTED)}
        onChoice={(name) => setReached(numberOf(PackageStatusSchema, name))}
      />
      {reached === PackageStatus.DEEMED_DELIVERED && (
        <TextField name="receipt" label={names.receiptNo} max={64} required />
      )}
      {reached === PackageStatus.RETURNED && (
        <ChoiceField
          name="why"
          label={names.returned}
          choices={choicesOf(ReturnReasonSchema, words.returnReasons)}
        />
      )}
      {reached === PackageStatus.REASSIGNED && (
        <>
          <TextField name="code" label={names.toDept} max={18} required />
          <TextField name="name" label={names.toDeptName} max={100} required />
        </>
      )}
      <OperatorField />
      <LongField name="note" label={names.note} max={500} />
    </ActDialog>
  );
}
