import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import type { Act } from '../hub/asking.js';
import { keepOperator } from '../hub/session.js';
import { useWords } from '../words/language.js';
import { Failure } from './failure.js';
import { valuesOf } from './fields.js';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A window above the page: the browser keeps the focus in it and gives it back. */
function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

/** A window to read and close. */
export function ReadDialog({ title, onClose, children }: DialogProps) {
  const words = useWords();
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <p class="row end">
        <button type="button" onClick={onClose}>
          {words.close}
        </button>
      </p>
    </Dialog>
  );
}

interface ActDialogProps {
  readonly title: string;
  /** What will happen, said before it does. */
  readonly about: string;
  /** Text of the button that does it. */
  readonly confirm: string;
  /** True: it can't be undone. */
  readonly grave?: boolean;
  readonly act: Act<[values: Record<string, string>]>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Asks for what an act needs and for consent; stays with what the hub said when it was refused. */
export function ActDialog({
  title,
  about,
  confirm,
  grave,
  act,
  onClose,
  children,
}: ActDialogProps) {
  const words = useWords();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const values = valuesOf(event.currentTarget as HTMLFormElement);
    keepOperator(values['by'] ?? '');
    act.run(values);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{about}</p>
      <form onSubmit={submit} aria-busy={act.pending}>
        {children}
        <Failure of={act.failure} />
        <p class="row end">
          <button type="button" onClick={onClose}>
            {words.cancel}
          </button>
          <button type="submit" class={grave ? 'grave' : 'main'} disabled={act.pending}>
            {confirm}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
