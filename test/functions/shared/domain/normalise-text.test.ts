import { expect, test } from '@jest/globals';

import { normaliseText } from '#domain/normalise-text.ts';
import { parseJson } from '#domain/parse-json.ts';

test.each([
  { kind: 'string', value: '  Cafe\u0301 ', normal: 'Café' },
  { kind: 'category', value: 'Grocery', normal: 'Grocery' },
  { kind: 'person', value: ' C-1 ', normal: 'C-1' },
  { kind: 'email', value: ' Ann@Example.ORG', normal: 'ann@example.org' },
  { kind: 'ip', value: '192.0.2.1', normal: '192.0.2.1' },
  { kind: 'ip', value: '2001:0DB8:0:0:0:0:0:1', normal: '2001:db8::1' },
  { kind: 'ip', value: 'no:address', normal: 'no:address' },
  { kind: 'phone', value: '0049 (30) 123-456', normal: '+4930123456' },
  { kind: 'card_bin', value: '4111 11', normal: '411111' },
  { kind: 'constructor', value: ' x ', normal: 'x' },
])('$kind $value becomes $normal, and stays so', ({ kind, value, normal }) => {
  expect(normaliseText(kind, value)).toBe(normal);
  expect(normaliseText(kind, normal)).toBe(normal);
});

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

test.each([
  { text: '{"a":[1,"[[\\"[["]}', ok: true },
  { text: nested(32), ok: true },
  { text: nested(33), ok: false, reason: 'too_deep' },
  { text: nested(100_000), ok: false, reason: 'too_deep' },
  { text: `"${'['.repeat(100)}"`, ok: true },
  { text: '{"a":', ok: false, reason: 'not_json' },
  { text: '', ok: false, reason: 'not_json' },
])('JSON is read up to 32 levels (%#)', ({ text, ok, reason }) => {
  const parsed = parseJson(text);

  expect(parsed.ok).toBe(ok);
  if (!parsed.ok) expect(parsed.reason).toBe(reason);
});
