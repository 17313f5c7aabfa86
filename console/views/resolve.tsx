import { useState } from 'preact/hooks';
import { DestinationKind, type Destination } from '#gen/zhengzhao/v1/common_pb.js';
import type {
  ResolveUnattributedRequest,
  UnattributedRecord,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import { useAct } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { ActDialog } from '../parts/dialog.js';
import { LongField, OperatorField, TextField } from '../parts/fields.js';
import { useNodeName } from '../parts/small.js';
import { useWords } from '../words/language.js';

interface ResolveProps {
  readonly record: UnattributedRecord;
  readonly onDone: (notice: string) => void;
  readonly onClose: () => void;
}

type Resolution = ResolveUnattributedRequest['resolution'];
type Values = Record<string, string>;

/** What both ways of resolving a record have in common. */
function useResolve(
  { messageId, sourceNode }: UnattributedRecord,
  resolutionOf: (values: Values) => Resolution,
  onDone: (destinations: readonly Destination[]) => void,
) {
  const { dataCenter } = useHub();
  return useAct(
    (values: Values) =>
      dataCenter.resolveUnattributed({
        messageId,
        sourceNode,
        resolution: resolutionOf(values),
        resolvedBy: values['by'] ?? '',
      }),
    ({ destinations }) => onDone(destinations),
  );
}

/** 记名: the record belongs to this enterprise. */
export function AttributeDialog({ record, onDone, onClose }: ResolveProps) {
  const { worklist: names } = useWords();
  const tell = useDestinations();
  const [chosen, setChosen] = useState(record.candidates[0]?.uscc ?? '');
  const act = useResolve(
    record,
    ({ uscc = '' }) => ({ case: 'attributeToUscc', value: chosen || uscc }),
    (destinations) => onDone(`${names.attributed} ${tell(destinations)}`),
  );
  return (
    <ActDialog
      title={names.attributeTitle}
      about={names.attributeWhat(record.counterpart?.entName ?? '')}
      confirm={names.attribute}
      act={act}
      onClose={onClose}
    >
      {record.candidates.length > 0 && (
        <fieldset>
          <legend>{names.which}</legend>
          {[...record.candidates.map(({ uscc }) => uscc), ''].map((uscc) => (
            <label key={uscc} class="choice">
              <input
                type="radio"
                name="candidate"
                value={uscc}
                checked={uscc === chosen}
                onChange={() => setChosen(uscc)}
              />
              <span>
                {record.candidates.find((one) => one.uscc === uscc)?.entName ?? names.another}{' '}
                <span class="code faint">{uscc}</span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {chosen === '' && (
        <TextField name="uscc" label={names.uscc} hint={names.usccHint} max={18} required />
      )}
      <OperatorField />
    </ActDialog>
  );
}

/** 退回: the record can not be attributed, and its sender is told why. */
export function SendBackDialog({ record, onDone, onClose }: ResolveProps) {
  const words = useWords();
  const { worklist: names } = words;
  const act = useResolve(
    record,
    ({ reason = '' }) => ({ case: 'sendBackReason', value: reason }),
    () => onDone(names.sentBack),
  );
  return (
    <ActDialog
      title={names.sendBackTitle}
      about={names.sendBackWhat(record.counterpart?.entName ?? '')}
      confirm={names.sendBack}
      grave
      act={act}
      onClose={onClose}
    >
      <LongField name="reason" label={words.reason} max={500} required />
      <OperatorField />
    </ActDialog>
  );
}

/** Where a record goes once it is attributed, in one sentence; empty when nowhere. */
function useDestinations(): (destinations: readonly Destination[]) => string {
  const words = useWords();
  const nameOf = useNodeName();
  const { publicity, share } = words.destinationKinds;
  return (destinations) => {
    const names = destinations.map(({ kind, code, name }) => {
      if (kind === DestinationKind.PUBLICITY) return publicity;
      if (kind === DestinationKind.SHARE) return share;
      return kind === DestinationKind.DEPARTMENT ? name || code : nameOf(code);
    });
    return names.length === 0 ? '' : words.worklist.goesTo([...new Set(names)].join('、'));
  };
}
