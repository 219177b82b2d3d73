/** The numbers of an address: 4 of IP version 4, 8 of version 6; undefined where it is none. */
type Numbers = readonly number[];

const numbersOf = (ip: string): Numbers | undefined => (ip.includes(':') ? version6(ip) : version4(ip));

const version4 = (ip: string): Numbers | undefined => {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(ip)?.slice(1).map(Number);
  return parts?.every((part) => part <= 255) ? parts : undefined;
};

const version6 = (ip: string): Numbers | undefined => {
  // The parser of URLs gives the shortest form, with a last part in dots as two hexadecimal ones.
  const host = /^[0-9a-f:.]+$/i.test(ip) ? URL.parse(`http://[${ip}]`)?.hostname.slice(1, -1) : undefined;
  if (host === undefined) return undefined;
  const [before = '', after] = host.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [head, tail] = [groups(before), groups(after ?? '')];
  return after === undefined ? head : [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
};

/** The address of version 4 within one of version 6 (`::ffff:192.0.2.1`), else the address itself. */
const unmapped = (numbers: Numbers): Numbers => {
  const [g0, g1, g2, g3, g4, g5, high = 0, low = 0] = numbers;
  const mapped = numbers.length === 8 && [g0, g1, g2, g3, g4].every((group) => group === 0) && g5 === 0xffff;
  return mapped ? [high >> 8, high & 255, low >> 8, low & 255] : numbers;
};

/** 4 or 6; undefined where it is no address. */
export const ipVersion = (ip: string): number | undefined => {
  const numbers = numbersOf(ip);
  return numbers && (numbers.length === 4 ? 4 : 6);
};

/**
 * Whether an address is of a network of one's own rather than of the internet: private, loopback, link-local, unique
 * local, or shared by a carrier.
 *
 * @see RFC 1918, 1122, 3927, 6598; RFC 4193, 4291.
 */
export const ipIsPrivate = (ip: string): boolean | undefined => {
  const numbers = numbersOf(ip);
  if (!numbers) return undefined;
  const plain = unmapped(numbers);
  const [first = 0, second = 0] = plain;
  if (plain.length === 4) {
    if (first === 10 || first === 127 || first === 0) return true;
    if (first === 172) return second >= 16 && second <= 31;
    if (first === 192) return second === 168;
    if (first === 169) return second === 254;
    return first === 100 && second >= 64 && second <= 127;
  }
  const isLoopback = plain.slice(0, 7).every((group) => group === 0) && plain[7]! <= 1;
  return isLoopback || (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80;
};

/** The network that an address is in, as providers give them out: `203.0.113.0/24`, or `2001:db8:1::/48`. */
export const ipNetwork = (ip: string): string | undefined => {
  const numbers = numbersOf(ip);
  if (!numbers) return undefined;
  const plain = unmapped(numbers);
  if (plain.length === 4) return `${plain.slice(0, 3).join('.')}.0/24`;
  const groups = plain.slice(0, 3).map((group) => group.toString(16));
  return `${URL.parse(`http://[${groups.join(':')}::]`)!.hostname.slice(1, -1)}/48`;
};
