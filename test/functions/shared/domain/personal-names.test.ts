import { expect, test } from '@jest/globals';

import { holdsPersonalName, isEmailAddress } from '#domain/personal-names.ts';

test.each([
  { name: 'events/order/november.csv', personal: false },
  { name: 'events/order/2026-11-20T10:00:00Z_part-0001@host.csv', personal: false },
  { name: 'events/order/export@2026.csv.gz', personal: false },
  { name: 'events/order/of jane@mail.example.csv', personal: true },
  { name: 'events/order/jane%40mail.example/a.csv', personal: true },
  { name: 'events/order/jane@mail.example', personal: true },
  { name: 'events/order/4539148803436467.csv', personal: true },
  { name: 'events/order/4539 1488 0343 6467.csv', personal: true },
  { name: `events/order/${'a'.repeat(900)}`, personal: false },
  { name: `events/order/${'a@'.repeat(450)}`, personal: false },
])('$name tells of a person: $personal', ({ name, personal }) => {
  expect(holdsPersonalName(name)).toBe(personal);
});

test.each([
  { id: 'jane@mail.example', email: true },
  { id: 'jane.doe+x@sub.mail.example', email: true },
  { id: 'order-17@shop', email: false },
  { id: 'a@b.c', email: false },
  { id: 'ref:jane@mail.example', email: false },
])('$id is an e-mail address: $email', ({ id, email }) => {
  expect(isEmailAddress(id)).toBe(email);
});
