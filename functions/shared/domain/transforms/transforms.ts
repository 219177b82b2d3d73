import type { TEXT_TYPES } from '../catalog/event-type.ts';
import type { VariableValue } from '../event.ts';
import { emailDigits, emailDomain, emailIsFree, emailLength, emailNameLikeness } from './email.ts';
import type { TransformName } from './names.ts';
import { ipIsPrivate, ipNetwork, ipVersion } from './network.ts';
import { cardNetwork, cardPrefix, phoneCountry } from './numbers.ts';
import { capitalShare, categoryOf, digitShare, textLength, textShape, textWords } from './text.ts';
import { userAgentFamily, userAgentSystem } from './user-agent.ts';

type TextType = (typeof TEXT_TYPES)[number];

/** What a transform may have beside its text. */
export interface TransformOptions {
  /** Value of the second variable. */
  readonly second?: string;
  readonly levels?: readonly string[];
}

/** A value made of one text by rule, with no data from elsewhere. */
export interface Transform {
  /** Types of variable that it takes. */
  readonly of: readonly TextType[];
  readonly returns: 'string' | 'number' | 'boolean';
  /** It compares two variables; these are the types of the second. */
  readonly with?: readonly TextType[];
  /** It takes `levels`. */
  readonly levels?: true;
  /** It may give the text itself back, so that it is none for a personal variable. */
  readonly tells?: true;
  /** Pure and total; undefined where it cannot be made, such as the domain of a text without `@`. */
  readonly apply: (text: string, options: TransformOptions) => VariableValue | undefined;
}

const EMAIL = ['email'] as const;
const IP = ['ip'] as const;
const BIN = ['card_bin'] as const;
const AGENT = ['user_agent'] as const;
const PLAIN = ['string', 'category', 'text'] as const;
const ANY = ['string', 'category', 'email', 'ip', 'phone', 'card_bin', 'user_agent', 'text'] as const;

/** Every transform: a new one needs its name in `names.ts`, its entry here, a row in docs/features.md and a test. */
export const TRANSFORMS: Readonly<Record<TransformName, Transform>> = {
  email_domain: { of: EMAIL, returns: 'string', apply: emailDomain },
  email_is_free: { of: EMAIL, returns: 'boolean', apply: emailIsFree },
  email_digits: { of: EMAIL, returns: 'number', apply: emailDigits },
  email_length: { of: EMAIL, returns: 'number', apply: emailLength },
  email_name_likeness: {
    of: EMAIL,
    with: ['string', 'text'],
    returns: 'number',
    apply: (email, { second }) => (second === undefined ? undefined : emailNameLikeness(email, second)),
  },
  ip_version: { of: IP, returns: 'number', apply: ipVersion },
  ip_is_private: { of: IP, returns: 'boolean', apply: ipIsPrivate },
  ip_network: { of: IP, returns: 'string', apply: ipNetwork },
  phone_country: { of: ['phone'], returns: 'string', apply: phoneCountry },
  card_prefix: { of: BIN, returns: 'string', tells: true, apply: cardPrefix },
  card_network: { of: BIN, returns: 'string', apply: cardNetwork },
  user_agent_family: { of: AGENT, returns: 'string', apply: userAgentFamily },
  user_agent_system: { of: AGENT, returns: 'string', apply: userAgentSystem },
  text_length: { of: ANY, returns: 'number', apply: textLength },
  text_words: { of: ANY, returns: 'number', apply: textWords },
  text_shape: { of: ANY, returns: 'string', tells: true, apply: textShape },
  text_digits: { of: ANY, returns: 'number', apply: digitShare },
  text_capitals: { of: ANY, returns: 'number', apply: capitalShare },
  category: {
    of: PLAIN,
    returns: 'string',
    levels: true,
    tells: true,
    apply: (text, { levels }) => categoryOf(text, levels),
  },
};
