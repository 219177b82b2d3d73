import { gzipSync } from 'node:zlib';

import { parquetWriteBuffer } from 'hyparquet-writer';

import { PLANTED } from './planted.ts';

const { card, cardInGroups, customer, email, guarantor, otherEmail } = PLANTED;

/** Everything personal that an application can hold, in every type of variable. */
const VALUES = {
  full_name: PLANTED.name,
  title: 'Zqplanted',
  email,
  address: PLANTED.ip,
  phone: PLANTED.phone,
  agent: PLANTED.agent,
  letter: PLANTED.letter,
  tax_number: PLANTED.taxNumber,
  height: 1.87,
  income: 77_317.44,
  married: true,
  born_at: PLANTED.bornAt,
  reference: otherEmail,
};

/** An application that is all personal, and valid. */
export const anApplication = (eventId: string) => ({
  eventId,
  eventType: 'application',
  occurredAt: new Date().toISOString(),
  entities: { applicant: customer, guarantor, branch: 'branch-1' },
  variables: { ...VALUES, amount: 100 },
});

/** Applications that the door must refuse, with something personal or secret at every place there is. */
export const refusedApplications = () => {
  const event = anApplication('refused');
  const withVariables = (variables: object) => ({ ...event, variables: { ...event.variables, ...variables } });
  return [
    { ...event, eventId: card },
    { ...event, eventId: email },
    { ...event, eventId: PLANTED.name },
    { ...event, entities: { ...event.entities, applicant: card } },
    { ...event, entities: { ...event.entities, [email]: customer } },
    { ...event, entities: [{ entityType: email, entityId: customer }] },
    { ...event, entities: PLANTED.name },
    { ...event, occurredAt: PLANTED.bornAt },
    { ...event, occurredAt: email },
    { ...event, [email]: email },
    { ...event, variables: email },
    { ...event, eventType: 'application', variables: { ...VALUES, [PLANTED.phone]: 1, [email]: 2, [cardInGroups]: 3 } },
    withVariables({ letter: `pay with ${cardInGroups} please` }),
    withVariables({ full_name: card }),
    withVariables({ agent: [email] }),
    withVariables({ email: { address: email } }),
    withVariables({ tax_number: email }),
    withVariables({ income: PLANTED.name }),
    withVariables({ married: PLANTED.name }),
    withVariables({ born_at: PLANTED.letter }),
    withVariables({ title: PLANTED.letter.repeat(200) }),
    withVariables({ amount: PLANTED.phone }),
    withVariables({ cvv: '737' }),
  ];
};

const COLUMNS = ['event_id', 'occurred_at', 'applicant', 'guarantor', 'branch', ...Object.keys(VALUES), 'amount'];

const cellsOf = (event: ReturnType<typeof anApplication>): readonly unknown[] => [
  event.eventId,
  event.occurredAt,
  ...Object.values(event.entities),
  ...Object.values(event.variables),
];

const csvLine = (cells: readonly unknown[]): string => cells.map((cell) => `"${String(cell)}"`).join(',');

/** CSV with one row that is good, and one that is bad in each way there is. */
const csv = (): string => {
  const good = cellsOf(anApplication('planted-csv'));
  const withCell = (at: number, value: unknown) => csvLine(good.map((cell, index) => (index === at ? value : cell)));
  return [
    [...COLUMNS, email, PLANTED.phone].join(','),
    `${csvLine(good)},${email},x`,
    `${withCell(0, card)},,`,
    `${withCell(1, email)},,`,
    `${withCell(2, card)},,`,
    `${withCell(11, cardInGroups)},,`,
    `${withCell(12, email)},,`,
    `${email},${PLANTED.name}`,
    `"${email}"broken,${csvLine(good)}`,
    `${csvLine(good)},"${email}`,
    '',
  ].join('\n');
};

const jsonLines = (): string =>
  [
    JSON.stringify(anApplication('planted-jsonl')),
    ...refusedApplications().map((event) => JSON.stringify(event)),
    `{"eventId": "${email}", "note": "${PLANTED.name}`,
    JSON.stringify(email),
    JSON.stringify([email]),
    '',
  ].join('\n');

const parquet = (): Uint8Array => {
  const cells = cellsOf(anApplication('planted-parquet')).map(String);
  const columns = [...COLUMNS, 'zqplanted column'].map((name, at) => ({
    name,
    type: 'STRING' as const,
    data: [cells[at] ?? email, at === 2 ? card : (cells[at] ?? email)],
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData: columns }));
};

/** Files with what is personal, by key: rows that are good and bad, and files that nobody can read. */
export const plantedFiles = (): Readonly<Record<string, Uint8Array>> => ({
  'events/application/all.csv': Buffer.from(csv()),
  'events/application/all.jsonl': Buffer.from(jsonLines()),
  'events/application/all.csv.gz': gzipSync(csv().replaceAll('planted-csv', 'planted-gzip')),
  'events/application/all.parquet': parquet(),
  'events/application/wide.csv': Buffer.from(csv(), 'utf16le'),
  'events/application/binary.csv': Buffer.concat([Buffer.from([0, 1, 2, 3]), Buffer.from(csv())]),
  'events/application/cut.csv.gz': gzipSync(csv()).subarray(0, 200),
  'events/application/twice.csv': Buffer.from(`${email},${email}\n1,2\n`),
  'events/application/array.json': Buffer.from(JSON.stringify([anApplication('planted-array')])),
  'feedback/application/said.csv': Buffer.from(
    `event_id,label,comment\nplanted-csv,fraud,${PLANTED.letter}\n${email},fraud,\n${card},fraud,\nplanted-csv,${email},\n`,
  ),
  'feedback/application/said.jsonl': Buffer.from(
    `{"eventId":"planted-csv","label":"${email}"}\n{"eventId":"planted-csv","label":"fraud","${email}":"${PLANTED.name}"}\n`,
  ),
});
