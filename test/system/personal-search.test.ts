import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';

import { packText } from '#domain/packed-text.ts';
import { PersonalSearch } from '../support/personal-search.ts';
import { PLANTED } from '../support/planted.ts';
import { anApplication } from '../support/planting.ts';

const { email, card, cardInGroups, phone, taxNumber } = PLANTED;
const utf8 = (text: string): Buffer => Buffer.from(text);
const number = Buffer.alloc(8);
number.writeDoubleBE(taxNumber);
const parquet = (type: 'STRING' | 'INT64', value: unknown): Buffer =>
  Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'a', type, data: [value] }] }));

describe('the search for what is planted finds', () => {
  test.each([
    { form: 'what is in the clear', bytes: utf8(`of ${email}`) },
    { form: 'other capitals', bytes: utf8(email.toUpperCase()) },
    { form: 'base64', bytes: utf8(utf8(email).toString('base64')) },
    { form: 'base64 behind one character', bytes: utf8(utf8(`a${email}b`).toString('base64')) },
    { form: 'base64 behind two characters', bytes: utf8(utf8(`ab${email}c`).toString('base64')) },
    { form: 'base64url', bytes: utf8(utf8(`{"letter":"${PLANTED.letter}"}`).toString('base64url')) },
    { form: 'hex', bytes: utf8(utf8(email).toString('hex')) },
    { form: 'UTF-16', bytes: Buffer.from(`of ${email}`, 'utf16le') },
    { form: 'UTF-16, big end first', bytes: Buffer.from(`of ${email}`, 'utf16le').swap16() },
    { form: 'a percent for each byte', bytes: utf8([...utf8(email)].map((byte) => `%${byte.toString(16)}`).join('')) },
    { form: 'a card number', bytes: utf8(`a ${card} b`) },
    { form: 'a card number in groups', bytes: utf8(cardInGroups) },
    { form: 'a card number in groups of its own', bytes: utf8('45567375-8689/9855') },
    { form: 'a card number in base64', bytes: utf8(utf8(`x${card}`).toString('base64')) },
    { form: 'a phone number with its separators', bytes: utf8(phone) },
    { form: 'an address', bytes: utf8(`from ${PLANTED.ip}`) },
    { form: 'a date', bytes: utf8(PLANTED.bornAt) },
    { form: 'a date as milliseconds', bytes: utf8(String(Date.parse(PLANTED.bornAt))) },
    { form: 'a number', bytes: utf8(`{"tax":${taxNumber}}`) },
    { form: 'a number in eight bytes', bytes: Buffer.concat([utf8('x'), number]) },
    { form: 'gzip', bytes: gzipSync(JSON.stringify(anApplication('a'))) },
    { form: 'gzip of gzip', bytes: gzipSync(gzipSync(email)) },
    { form: 'a packed text', bytes: utf8(`{"S":"${packText(JSON.stringify(anApplication('a')))}"}`) },
    { form: 'Parquet', bytes: parquet('STRING', email) },
    { form: 'numbers in Parquet', bytes: parquet('INT64', BigInt(taxNumber)) },
  ])('$form', async ({ bytes }) => {
    const search = new PersonalSearch();

    await search.look(bytes, 'here');

    expect(search.findings.length).toBeGreaterThan(0);
  });

  test('nothing where there is nothing', async () => {
    const search = new PersonalSearch();

    for (let size = 0; size < 200; size += 1)
      await search.look(utf8(`${size} planted person 4556 zq`.repeat(size)), 'x');

    expect(search.findings).toEqual([]);
  });
});

describe('of a directory', () => {
  const directory = mkdtempSync(join(tmpdir(), 'assay-search-'));
  beforeAll(() => {
    writeFileSync(join(directory, 'raw.csv'), email);
    writeFileSync(join(directory, 'clean.log'), 'nothing');
    const database = new DatabaseSync(join(directory, 'some.sqlite'));
    database.exec('PRAGMA page_size = 512; CREATE TABLE items (body BLOB, text TEXT)');
    // Across pages, the bytes of the file alone would not show it.
    const insert = database.prepare('INSERT INTO items VALUES (?, ?)');
    insert.run(gzipSync(email), `${'x'.repeat(497)}${email.repeat(3)}`);
    database.close();
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('looks into files and rows of databases, and leaves out what may be raw', async () => {
    const search = new PersonalSearch();

    await search.directory(directory, (bytes) => bytes.equals(utf8(email)));

    expect(search.findings.map(({ where }) => where)).toEqual(
      expect.arrayContaining(['some.sqlite items (gunzipped)', 'some.sqlite items']),
    );
    expect(search.findings.every(({ where }) => where.startsWith('some.sqlite'))).toBe(true);
    expect(search.searched).toMatchObject({ files: 2, gzips: 1, rows: 1 });
  });
});
