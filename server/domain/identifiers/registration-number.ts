/**
 * Registration number 注册号 of a market entity from before the unified code: 15 digits, of which
 * six name the registration authority, eight are a sequence and one is the check digit
 * (ISO 7064 MOD 11,10). Licences of older departments still cite it (VR25).
 */

const BODY_LENGTH = 14;
const NUMBER_LENGTH = 15;

/** Check digit (0-9) of the first 14 digits of `text`; -1 when one of them is not a digit. */
function checkDigitOf(text: string): number {
  let product = 10;
  for (let i = 0; i < BODY_LENGTH; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    product = (((product + digit) % 10 || 10) * 2) % 11;
  }
  return (11 - product) % 10;
}

/**
 * Whether the text is a 15-digit registration number with a right check digit. A false answer is a
 * reason to warn and not to reject: older and foreign-invested numbers followed other schemes.
 */
export function isRegistrationNumber(text: string): boolean {
  if (text.length !== NUMBER_LENGTH) return false;
  const digit = checkDigitOf(text);
  return digit >= 0 && text.charCodeAt(BODY_LENGTH) - 48 === digit;
}
