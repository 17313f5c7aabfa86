import type { DescEnum } from '@bufbuild/protobuf';

/** Name of a value of the contract without its prefix, as in an address; empty for zero. */
export function nameOf(values: DescEnum, number: number): string {
  return number === 0 ? '' : (values.value[number]?.localName ?? '');
}

/** Value of such a name; 0 for one that is not known. */
export function numberOf(values: DescEnum, name: string | undefined): number {
  return values.values.find(({ localName }) => localName === name)?.number ?? 0;
}

/** The choices of a field, in the order of the contract; without `only`, all but zero. */
export function choicesOf(
  values: DescEnum,
  texts: Readonly<Record<number, string>>,
  only?: readonly number[],
): (readonly [string, string])[] {
  return values.values
    .filter(({ number }) => number !== 0 && (only === undefined || only.includes(number)))
    .map(({ number, localName }) => [localName, texts[number] ?? localName] as const);
}
