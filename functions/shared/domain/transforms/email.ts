/** What is behind the last `@`, in lower case; undefined where that is no domain. */
export const emailDomain = (email: string): string | undefined => {
  const domain = email
    .slice(email.lastIndexOf('@') + 1)
    .trim()
    .toLowerCase();
  return email.includes('@') && /^[^\s@.]+(?:\.[^\s@.]+)+$/.test(domain) ? domain : undefined;
};

/** What is before the last `@`; undefined where there is nothing or no `@`. */
const localPart = (email: string): string | undefined =>
  email.slice(0, Math.max(0, email.lastIndexOf('@'))) || undefined;

/** Providers where anybody gets a mailbox for nothing, by the name before their domain's endings. */
const FREE_NAMES: ReadonlySet<string> = new Set([
  ...[
    'aol',
    'gmail',
    'googlemail',
    'gmx',
    'hotmail',
    'live',
    'msn',
    'outlook',
    'rocketmail',
    'yahoo',
    'yandex',
    'ymail',
  ],
]);
/** Those whose names are common words, by their whole domain. */
const FREE_DOMAINS: ReadonlySet<string> = new Set([
  ...['126.com', '163.com', 'fastmail.com', 'freenet.de', 'hushmail.com', 'icloud.com', 'inbox.lv', 'laposte.net'],
  ...['libero.it', 'mac.com', 'mail.com', 'mail.ru', 'me.com', 'naver.com', 'orange.fr', 'pm.me', 'proton.me'],
  ...['protonmail.com', 'qq.com', 'rediffmail.com', 'seznam.cz', 'sina.com', 't-online.de', 'tuta.com', 'tutanota.com'],
  ...['tutamail.com', 'uol.com.br', 'virgilio.it', 'wanadoo.fr', 'web.de', 'wp.pl', 'zoho.com'],
]);

/** Whether the address is at a provider that gives mailboxes away, as far as is widely known. */
export const emailIsFree = (email: string): boolean | undefined => {
  const domain = emailDomain(email);
  if (domain === undefined) return undefined;
  // At most two endings, as in yahoo.co.uk: a name further down is somebody's own.
  const labels = domain.split('.');
  return FREE_DOMAINS.has(domain) || (labels.length <= 3 && FREE_NAMES.has(labels[0]!));
};

/** Digits before the `@`. */
export const emailDigits = (email: string): number | undefined => localPart(email)?.replace(/\D/g, '').length;

/** Characters before the `@`. */
export const emailLength = (email: string): number | undefined => {
  const local = localPart(email);
  return local === undefined ? undefined : [...local].length;
};

/**
 * How much an address is like a name, from 0 to 1: the share of pairs of neighbouring letters that they have in common
 * (Sørensen and Dice). Accents, capitals, digits and the order of words hardly matter.
 *
 * @returns undefined where either has fewer than two letters.
 */
export const emailNameLikeness = (email: string, name: string): number | undefined => {
  const [left, right] = [pairsOf([localPart(email) ?? '']), pairsOf(name.split(/\s+/))];
  const total = sizeOf(left) + sizeOf(right);
  if (left.size === 0 || right.size === 0) return undefined;
  let common = 0;
  for (const [pair, count] of left) common += Math.min(count, right.get(pair) ?? 0);
  return (2 * common) / total;
};

/** Pairs of neighbouring letters within each word, with how often they are there. */
const pairsOf = (words: readonly string[]): ReadonlyMap<string, number> => {
  const pairs = new Map<string, number>();
  for (const word of words) {
    const letters = [...word.normalize('NFD').toLowerCase().replace(/\P{L}/gu, '')];
    for (let at = 1; at < letters.length; at += 1) {
      const pair = letters[at - 1]! + letters[at]!;
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    }
  }
  return pairs;
};

const sizeOf = (pairs: ReadonlyMap<string, number>): number =>
  [...pairs.values()].reduce((sum, count) => sum + count, 0);
