import { useAct } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { ActDialog } from '../parts/dialog.js';
import { LongField, OperatorField, TextField } from '../parts/fields.js';
import { useWords } from '../words/language.js';

/** What is to be sent again: one delivery, or the dead letters of a destination. */
export interface Replay {
  /** Unset: all of the destination, whose field may still be empty. */
  readonly id?: string;
  readonly destination: string;
  /** True: what was opened again and has not been sent becomes dead letters again. */
  readonly stop?: boolean;
}

interface ReplayDialogProps {
  readonly of: Replay;
  readonly onDone: (notice: string) => void;
  readonly onClose: () => void;
}

/** Asks who sends it again and why, which goes into the audit with the name. */
export function ReplayDialog({ of: replay, onDone, onClose }: ReplayDialogProps) {
  const words = useWords();
  const { deliveries: names } = words;
  const { exchange } = useHub();
  const { id, stop = false } = replay;
  const act = useAct(
    ({ by = '', reason = '', limit, destination = '' }: Record<string, string>) =>
      exchange.retryDeliveries({
        ...(id === undefined ? { destination, limit: Number(limit) } : { deliveryIds: [id] }),
        requestedBy: by,
        reason,
        stop,
      }),
    ({ reopened, remaining, heldBack, stopped }) =>
      onDone(
        stop ? names.stopped(stopped, remaining) : names.replayed(reopened, remaining, heldBack),
      ),
  );
  const title = stop ? names.stop : id === undefined ? names.replayAll : names.replayTitle;
  const about = stop
    ? names.stopWhat
    : id === undefined
      ? names.replayAllWhat
      : names.replayWhat(id, replay.destination);
  return (
    <ActDialog
      title={title}
      about={about}
      confirm={stop ? names.stop : names.replayTitle}
      act={act}
      onClose={onClose}
    >
      {id === undefined && (
        <>
          <TextField
            name="destination"
            label={names.destination}
            hint={names.destinationHint}
            value={replay.destination}
            max={80}
            required
          />
          <TextField
            name="limit"
            type="number"
            label={names.limit}
            hint={names.limitHint}
            value="1000"
            min={1}
            most={10_000}
            required
          />
        </>
      )}
      <OperatorField />
      <LongField name="reason" label={words.reason} hint={words.reasonHint} max={200} required />
    </ActDialog>
  );
}
