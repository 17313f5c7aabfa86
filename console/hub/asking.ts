import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { CallOptions } from '../../clients/client.js';

/** What is known of an answer; while it is asked for again, the one before stays. */
export interface Asked<T> {
  readonly answer: T | undefined;
  /** Why the last asking failed; undefined: it did not. */
  readonly failure: unknown;
  readonly pending: boolean;
  /** Asks once more. */
  readonly again: () => void;
}

interface State<T> {
  /** What was asked for the answer. */
  readonly key: string;
  readonly answer: T | undefined;
  readonly failure: unknown;
  readonly pending: boolean;
}

/** Asks when a view appears and whenever `key` changes; what was asked before is cancelled. */
export function useAnswer<T>(ask: (signal: AbortSignal) => Promise<T>, key: string): Asked<T> {
  const [state, setState] = useState<State<T>>(NOTHING);
  const [times, setTimes] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const leaving = new AbortController();
    const settle = (next: (was: State<T>) => State<T>): void => {
      if (!leaving.signal.aborted) setState(next);
    };
    setState((was) => ({ ...was, pending: true }));
    latest.current(leaving.signal).then(
      (answer) => settle(() => ({ key, answer, failure: undefined, pending: false })),
      (failure: unknown) =>
        settle((was) => ({
          key,
          answer: was.key === key ? was.answer : undefined,
          failure,
          pending: false,
        })),
    );
    return () => leaving.abort();
  }, [key, times]);
  const { answer, failure, pending } = state;
  return { answer, failure, pending, again: useCallback(() => setTimes((count) => count + 1), []) };
}

const NOTHING = { key: '', answer: undefined, failure: undefined, pending: true };

/** One page of a list. */
export interface Page<T> {
  readonly rows: readonly T[];
  /** Empty: the last page. */
  readonly next: string;
}

/** A list that grows page by page, when it is asked to. */
export interface AskedList<T> extends Asked<Page<T>> {
  readonly more: () => void;
}

/** As {@link useAnswer}, for a list: `more` puts the next page behind what is there. */
export function useList<T>(
  ask: (pageToken: string, options: CallOptions) => Promise<Page<T>>,
  key: string,
): AskedList<T> {
  const first = useAnswer((signal) => ask('', { signal }), key);
  const [longer, setLonger] = useState<{ readonly of: unknown; readonly page: Page<T> }>();
  const known = longer && longer.of === first.answer ? longer.page : first.answer;
  const growth = useAct(async (from: Page<T>) => {
    const page = await ask(from.next, {});
    return { of: first.answer, page: { rows: [...from.rows, ...page.rows], next: page.next } };
  }, setLonger);
  return {
    answer: known,
    failure: first.failure ?? growth.failure,
    pending: first.pending || growth.pending,
    again: first.again,
    more: () => known && growth.run(known),
  };
}

/** Calls `act` every so often while the page is looked at. */
export function useEvery(ms: number, act: () => void): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) act();
    }, ms);
    return () => clearInterval(timer);
  }, [ms, act]);
}

/** An act of a person: at most one at a time, with why it failed. */
export interface Act<A extends readonly unknown[]> {
  readonly run: (...args: A) => void;
  readonly pending: boolean;
  readonly failure: unknown;
}

/** Something that changes the hub; `done` is called when it did. */
export function useAct<A extends readonly unknown[], T>(
  act: (...args: A) => Promise<T>,
  done: (answer: T) => void,
): Act<A> {
  const [state, setState] = useState<{ pending: boolean; failure: unknown }>(IDLE);
  const run = (...args: A): void => {
    if (state.pending) return;
    setState({ pending: true, failure: undefined });
    act(...args).then(
      (answer) => {
        setState(IDLE);
        done(answer);
      },
      (failure: unknown) => setState({ pending: false, failure }),
    );
  };
  return { ...state, run };
}

const IDLE = { pending: false, failure: undefined };
