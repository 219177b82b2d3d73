/** Every transform, by the name that a feature gives it. `transforms.ts` says what each gives. */
export const TRANSFORM_NAMES = [
  'email_domain',
  'email_is_free',
  'email_digits',
  'email_length',
  'email_name_likeness',
  'ip_version',
  'ip_is_private',
  'ip_network',
  'phone_country',
  'card_prefix',
  'card_network',
  'user_agent_family',
  'user_agent_system',
  'text_length',
  'text_words',
  'text_shape',
  'text_digits',
  'text_capitals',
  'category',
] as const;
export type TransformName = (typeof TRANSFORM_NAMES)[number];
