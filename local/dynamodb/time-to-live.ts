import type { Item } from './values.ts';

/** Items that expired longer ago than this are taken for a mistake and left alone, as on AWS. */
export const TOO_OLD_SECONDS = 5 * 365 * 24 * 60 * 60;

/** When an item expires, in whole seconds since 1970; null when it does not. Only numbers count. */
export const expiryOf = (item: Item, attribute: string | undefined): number | null => {
  const value = attribute === undefined || !Object.hasOwn(item, attribute) ? undefined : item[attribute];
  if (!value || !('N' in value)) return null;
  const seconds = Math.floor(Number(value.N));
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : null;
};
