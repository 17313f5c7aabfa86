import { pinyin } from 'pinyin-pro';

/** The pinyin of a text, one syllable or other character per element, lower case, ü as v. */
export type ReadingOf = (text: string) => readonly string[];

const SPOKEN = /^[a-z0-9]+$/;

/**
 * Makes a reader of texts that remembers up to `limit` of them, so that a new release costs only
 * what it changed. Characters with several readings are read by the phrase they stand in
 * (重庆 `chong qing`, 银行 `yin hang`); punctuation and characters without a reading are left out.
 */
export function createReadings(limit: number): ReadingOf {
  const known = new Map<string, readonly string[]>();
  return (text) => {
    const found = known.get(text);
    if (found) return found;
    const reading = read(text);
    const [oldest] = known.keys();
    if (known.size >= limit && oldest !== undefined) known.delete(oldest);
    known.set(text, reading);
    return reading;
  };
}

function read(text: string): readonly string[] {
  return pinyin(text, { toneType: 'none', type: 'array', v: true })
    .map((syllable) => syllable.normalize('NFKC').toLowerCase())
    .filter((syllable) => SPOKEN.test(syllable));
}
