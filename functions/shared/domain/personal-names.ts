import { holdsCardNumber } from './card-numbers.ts';

const EMAIL = String.raw`[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}`;
const IS_EMAIL = new RegExp(`^${EMAIL}$`);
const HOLDS_EMAIL = new RegExp(`(?<![A-Za-z0-9._%+-])${EMAIL}`);

/** Endings of files, which look like the end of an address: `export@2026.csv` is none. */
const ENDINGS = /(?:\.(?:csv|tsv|txt|json|jsonl|ndjson|parquet|gz))+$/i;

/** Whether an id is an e-mail address as it stands: ids stay in the clear, so it must not become one. */
export const isEmailAddress = (id: string): boolean => IS_EMAIL.test(id);

/** Whether a file's name tells of a person as far as that can be seen: by an e-mail address or a card number. */
export const holdsPersonalName = (name: string): boolean => {
  const plain = name.replace(ENDINGS, '').replaceAll(/%40/gi, '@');
  return HOLDS_EMAIL.test(plain) || holdsCardNumber(plain);
};
