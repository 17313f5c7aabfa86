import { useId } from 'preact/hooks';
import { readOperator } from '../hub/session.js';
import { useWords } from '../words/language.js';

interface FieldProps {
  readonly name: string;
  readonly label: string;
  /** What is there at first. Unset: nothing. */
  readonly value?: string | undefined;
  readonly hint?: string | undefined;
  readonly required?: boolean;
}

interface TextFieldProps extends FieldProps {
  readonly type?: 'text' | 'date' | 'number' | 'password' | 'search';
  /** Most characters. */
  readonly max?: number;
  readonly min?: number;
  readonly most?: number;
}

/** A field of one line. */
export function TextField({ name, label, value = '', hint, required, ...more }: TextFieldProps) {
  const { type = 'text', max, min, most } = more;
  const id = useId();
  return (
    <div class="field">
      <Label id={id} text={label} required={required} />
      <input
        id={id}
        name={name}
        // The types of Preact tell the kinds of input apart, of which all have what is used here.
        type={type as 'text'}
        defaultValue={value}
        required={required}
        maxLength={max}
        min={min}
        max={most}
        autoComplete="off"
        spellcheck={false}
        aria-describedby={hint ? `${id}-hint` : undefined}
      />
      <Hint id={id} text={hint} />
    </div>
  );
}

interface LongFieldProps extends FieldProps {
  readonly max: number;
}

/** A field of several lines. */
export function LongField({ name, label, value = '', hint, required, max }: LongFieldProps) {
  const id = useId();
  return (
    <div class="field">
      <Label id={id} text={label} required={required} />
      <textarea
        id={id}
        name={name}
        rows={3}
        required={required}
        maxLength={max}
        aria-describedby={hint ? `${id}-hint` : undefined}
        defaultValue={value}
      />
      <Hint id={id} text={hint} />
    </div>
  );
}

interface ChoiceFieldProps extends FieldProps {
  /** Value and text of each. */
  readonly choices: readonly (readonly [value: string, text: string])[];
  /** Text of the choice of nothing. Unset: there is none. */
  readonly any?: string;
  readonly onChoice?: (value: string) => void;
}

/** One of a few. */
export function ChoiceField({ name, label, value = '', hint, any, ...more }: ChoiceFieldProps) {
  const { choices, onChoice, required } = more;
  const id = useId();
  return (
    <div class="field">
      <Label id={id} text={label} required={required} />
      <select
        id={id}
        name={name}
        required={required}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={({ currentTarget }) => onChoice?.(currentTarget.value)}
      >
        {any !== undefined && <option value="">{any}</option>}
        {choices.map(([one, text]) => (
          <option key={one} value={one} ref={chosenAtFirst(one === value)}>
            {text}
          </option>
        ))}
      </select>
      <Hint id={id} text={hint} />
    </div>
  );
}

/** Makes an option the one that its form goes back to; Preact knows only the one that is chosen now. */
function chosenAtFirst(chosen: boolean): (option: HTMLOptionElement | null) => void {
  return (option) => {
    if (option) option.defaultSelected = chosen;
  };
}

/** Who does it: what the tab was told last time stands there already. */
export function OperatorField() {
  const words = useWords();
  return (
    <TextField
      name="by"
      label={words.by}
      hint={words.byHint}
      value={readOperator()}
      max={60}
      required
    />
  );
}

function Label({
  id,
  text,
  required = false,
}: {
  id: string;
  text: string;
  required?: boolean | undefined;
}) {
  const words = useWords();
  return (
    <label for={id}>
      {text}
      {required && <span class="faint"> {words.required}</span>}
    </label>
  );
}

function Hint({ id, text }: { id: string; text: string | undefined }) {
  return text ? (
    <p id={`${id}-hint`} class="hint">
      {text}
    </p>
  ) : null;
}

/** What a form holds, by name; blanks at the ends are gone. */
export function valuesOf(form: HTMLFormElement): Record<string, string> {
  const entries = [...new FormData(form)].map(([name, value]) => [name, String(value).trim()]);
  return Object.fromEntries(entries) as Record<string, string>;
}
