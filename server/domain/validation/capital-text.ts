/** Fen in one unit of a written amount: 1 yuan = 100 分. */
const FEN_PER_YUAN = 100n;
const MULTIPLES: Readonly<Record<string, bigint>> = { 万: 10_000n, 亿: 100_000_000n };
const DECIMALS = 6;
const SCALE = 10n ** BigInt(DECIMALS);

/** `1,000.5万元人民币`, `1000`, `5000000元`: digits, perhaps 万 or 亿, and a few letters of currency. */
const AMOUNT = /^([0-9]{1,15})(?:\.([0-9]{1,6}))?(万|亿)?([^0-9.]{0,12})$/;

/**
 * Whether a written amount of capital (VR19, item 05) can be the amount in 分. Sources write it in
 * words of their own, so text that is no plain amount is let pass, and a bare number may mean 万元
 * (the unit of REGCAP) or 元.
 */
export function capitalMatches(text: string, fen: bigint | undefined): boolean {
  const [, whole, decimals = '', multiple, rest] =
    AMOUNT.exec(text.normalize('NFKC').replace(/[,\s]/g, '')) ?? [];
  if (whole === undefined) return true;
  const scaled = BigInt(whole + decimals.padEnd(DECIMALS, '0'));
  return multiplesOf(multiple, rest ?? '').some(
    (factor) => scaled * factor * FEN_PER_YUAN === (fen ?? -1n) * SCALE,
  );
}

function multiplesOf(multiple: string | undefined, rest: string): readonly bigint[] {
  const factor = multiple === undefined ? undefined : MULTIPLES[multiple];
  if (factor !== undefined) return [factor];
  return rest.includes('元') ? [1n] : [10_000n, 1n];
}
