/**
 * A text in the one form in which it is compared, tokenised and looked up: composed (NFC) and without spaces around
 * it; e-mail addresses in lower case, IP addresses in their shortest form, telephone numbers and card BINs as digits.
 *
 * @param kind - a variable's type, or an entity kind, which is plain text unless it is named like a type.
 */
export const normaliseText = (kind: string, value: string): string => {
  const text = value.normalize('NFC').trim();
  return NORMALISERS.get(kind)?.(text) ?? text;
};

const shortestIpv6 = (text: string): string => {
  const url = URL.parse(`http://[${text}]`);
  return url ? url.hostname.slice(1, -1) : text;
};

const NORMALISERS: ReadonlyMap<string, (text: string) => string> = new Map([
  ['email', (text) => text.toLowerCase()],
  ['ip', (text) => (text.includes(':') ? shortestIpv6(text.toLowerCase()) : text)],
  // `00` is the plus sign of countries whose telephones have none.
  ['phone', (text) => text.replace(/[\s().\-/]/g, '').replace(/^00/, '+')],
  ['card_bin', (text) => text.replace(/[\s-]/g, '')],
]);
