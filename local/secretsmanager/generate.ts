import { randomInt } from 'node:crypto';
import { DeploymentError } from '../errors.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

type Settings = Readonly<Record<string, unknown>>;

const KNOWN = [
  'ExcludeCharacters',
  'ExcludeLowercase',
  'ExcludeNumbers',
  'ExcludePunctuation',
  'ExcludeUppercase',
  'GenerateStringKey',
  'IncludeSpace',
  'PasswordLength',
  'RequireEachIncludedType',
  'SecretStringTemplate',
];

/**
 * Makes the secret that a `GenerateSecretString` block describes: a random text, or the template's JSON with it.
 *
 * @throws {DeploymentError} for a setting that is not known, or settings that leave no characters.
 */
export const generateSecret = (settings: Settings): string => {
  const unknown = Object.keys(settings).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw new DeploymentError(`GenerateSecretString.${unknown} is not emulated`);
  const password = randomText(settings);
  const { SecretStringTemplate: template, GenerateStringKey: key } = settings;
  if (typeof template !== 'string' || typeof key !== 'string') return password;
  try {
    return JSON.stringify({ ...JSON.parse(template), [key]: password });
  } catch (cause) {
    throw new DeploymentError('GenerateSecretString.SecretStringTemplate is not a JSON object', { cause });
  }
};

const randomText = (settings: Settings): string => {
  const excluded = new Set(String(settings.ExcludeCharacters ?? ''));
  const kinds = [
    settings.ExcludeLowercase ? '' : LOWER,
    settings.ExcludeUppercase ? '' : LOWER.toUpperCase(),
    settings.ExcludeNumbers ? '' : DIGITS,
    settings.ExcludePunctuation ? '' : PUNCTUATION,
    settings.IncludeSpace ? ' ' : '',
  ]
    .map((kind) => [...kind].filter((char) => !excluded.has(char)))
    .filter((kind) => kind.length > 0);
  const all = kinds.flat();
  const length = Number(settings.PasswordLength ?? 32);
  const required = settings.RequireEachIncludedType === false ? [] : kinds;
  if (all.length === 0 || !(length >= Math.max(1, required.length) && length <= 4096)) {
    throw new DeploymentError('GenerateSecretString leaves no characters, or PasswordLength is not from 1 to 4096');
  }
  const chosen = [...required, ...Array.from({ length: length - required.length }, () => all)].map(oneOf);
  return shuffled(chosen).join('');
};

const oneOf = (chars: readonly string[]): string => chars[randomInt(chars.length)] ?? '';

const shuffled = (chars: readonly string[]): string[] => {
  const mixed = [...chars];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [mixed[last], mixed[other]] = [mixed[other] ?? '', mixed[last] ?? ''];
  }
  return mixed;
};
