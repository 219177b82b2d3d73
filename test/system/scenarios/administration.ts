import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { DeleteObjectCommand, GetObjectRetentionCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';

import { auditKey } from '#domain/audit.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { SystemAuditLog } from '../../../bin/administration/audit-log.ts';
import { putDocuments } from '../../../bin/administration/put-documents.ts';
import { verifyAudit } from '../../../bin/administration/verify-audit.ts';
import { publishCatalog } from '../../../bin/system/publish-catalog.ts';
import { noteSystem } from '../../../bin/system/system.ts';
import { eventually } from '../../support/eventually.ts';
import { stump } from '../../support/scoring.ts';
import type { TestSystem } from '../../support/system.ts';
import { aTransfer } from '../../support/system-requests.ts';

/** Within this, running functions see what was changed. */
const SEEN_WITHIN_MS = 10_000;

const ASSAY = resolve(import.meta.dirname, '../../../bin/assay.ts');

const MODEL = {
  format: 1,
  model: 'transfers-stump',
  eventType: 'transfer',
  kind: 'xgboost',
  file: 'transfers-stump.json',
  inputs: [{ name: 'amount', kind: 'number' }],
};

const detector = (changes: object = {}) => ({
  format: 1,
  detector: 'transfers-watched',
  eventType: 'transfer',
  rules: {
    list: [{ id: 'watched', when: '$payee in @watched', outcomes: ['decline'] }],
    otherwise: ['approve'],
  },
  ...changes,
});

/** What administrators change by API counts for functions that run, is nobody's to undo, and is on record for good. */
export const administration = (running: () => TestSystem): void =>
  describe('administration', () => {
    let events = 0;
    /** Runs a command on the system, and reads what it prints. */
    const assay = async (...args: string[]): Promise<unknown> => {
      const { scratch, system } = running();
      noteSystem(scratch, system);
      const all = [ASSAY, ...args, '--json', '--data-dir', scratch];
      return JSON.parse((await promisify(execFile)(process.execPath, all)).stdout);
    };
    const put = (path: string, body: object) => running().client.call('PUT', `v1/${path}`, body);
    const decide = async (payee: string) => {
      const event = aTransfer(`administered-${++events}`, { payee });
      const { body } = await running().client.call('POST', 'v1/decisions', { event, explain: true });
      return (body as { decisions: { detector: string; outcomes: string[]; rung: string }[] }).decisions;
    };
    /** Waits until the detector of these tests decides so. */
    const until = (payee: string, wanted: (decision: { outcomes: string[]; rung: string } | undefined) => boolean) =>
      eventually(
        `what was changed counts for '${payee}'`,
        async () => {
          const decision = (await decide(payee)).find(({ detector: name }) => name === 'transfers-watched');
          return wanted(decision) ? true : undefined;
        },
        SEEN_WITHIN_MS,
      );

    test('a list, a model and a detector come into force in running functions, and a list entry a moment after its PUT', async () => {
      const bytes = Buffer.from(JSON.stringify(['mallory']));
      await running().client.upload('uploads/watched.json', bytes);
      const upload = { key: 'uploads/watched.json', sha256: sha256Hex(bytes) };
      expect(await put('lists/watched', { operation: 'replace', of: 'account', upload })).toMatchObject({
        status: 200,
      });
      const { client, scratch } = running();
      const members = [{ name: 'stump', kind: 'embedded', model: 'transfers-stump' }];
      const documents = [detector({ members }), MODEL].map((document) => JSON.stringify(document)).join('\n---\n');
      writeFileSync(join(scratch, 'watched.yaml'), documents);
      writeFileSync(join(scratch, MODEL.file), stump());
      // The model first, though it comes last in the file: the detector is pinned to it.
      expect(await putDocuments(client, join(scratch, 'watched.yaml'), undefined)).toMatchObject([
        { name: 'transfers-stump', version: 1, changed: true },
        { name: 'transfers-watched', version: 1, changed: true },
      ]);
      expect(await put('catalog/detectors/transfers-watched/activation', { version: 1 })).toMatchObject({
        status: 200,
      });

      await until('mallory', (decision) => decision?.outcomes.includes('decline') ?? false);
      await until('trent', (decision) => decision?.outcomes.includes('approve') ?? false);
      writeFileSync(join(scratch, 'more.txt'), 'trent\n');
      const append = await assay('list', 'append', 'watched', '--file', join(scratch, 'more.txt'));
      expect(append).toMatchObject({ name: 'watched', version: 2, count: 2, etag: expect.any(String) });
      expect(await put('switches/transfers-watched', { rulesOnly: true })).toMatchObject({ status: 200 });
      await until('trent', (decision) => decision?.outcomes.includes('decline') === true && decision.rung === 'rules');
    });

    test('what does not fit is refused by name, and nothing changes', async () => {
      const { client } = running();
      const before = await client.call('GET', 'v1/catalog');

      const misspelt = detector({
        rules: { list: [{ id: 'x', when: '$payye in @watched', outcomes: ['review'] }], otherwise: ['approve'] },
      });
      const answer = await put('catalog/detectors/transfers-watched', misspelt);

      expect(answer).toMatchObject({ status: 400, body: { fields: [{ field: 'rules.list.0.when' }] } });
      expect(await put('catalog/detectors/assay_canary', detector({ detector: 'assay_canary' }))).toMatchObject({
        status: 403,
      });
      const nowhere = { key: 'uploads/nowhere.json', sha256: 'a'.repeat(64) };
      expect(await put('lists/watched', { operation: 'append', upload: nowhere })).toMatchObject({
        status: 400,
        body: { fields: [{ field: 'upload.key' }] },
      });
      expect(await put('lists/unheard-of', { operation: 'append', values: ['x'] })).toMatchObject({ status: 404 });
      expect((await client.call('GET', 'v1/catalog')).body).toEqual(before.body);
    });

    test('a run of the registrar leaves what the API has done as it is', async () => {
      const { client, system } = running();
      const before = await client.call('GET', 'v1/catalog');

      const refused = await publishCatalog(system, 'Assay-system-Service', AbortSignal.timeout(30_000));

      expect(refused).toEqual([]);
      expect((await client.call('GET', 'v1/catalog')).body).toEqual(before.body);
    });

    test('every act is in the audit log with who did it, and the log is whole until somebody tampers with it', async () => {
      const { system, s3 } = running();
      const log = new SystemAuditLog(system);
      try {
        const entries = await log.newest(1_000);
        const acts = entries.map(({ act, outcome }) => `${act} ${outcome}`);
        expect(acts.slice(0, 1)).toEqual(['catalog.deploy done']);
        for (const act of [
          'list.replace done',
          'model.put done',
          'detector.activate done',
          'switch.set done',
          'detector.put refused',
        ]) {
          expect(acts).toContain(act);
        }
        const [byApi] = entries.filter(({ act }) => act === 'list.append');
        expect(byApi?.actor).toMatchObject({ kind: 'service', id: expect.stringMatching(/^arn:aws:iam::/) });
        expect(JSON.stringify(entries)).not.toContain('mallory');
        expect(await assay('audit', 'verify')).toEqual({ ok: true, entries: entries.length, waiting: 0 });

        const place = { Bucket: system.auditBucket, Key: auditKey(2) };
        const { Retention } = await s3.send(new GetObjectRetentionCommand(place));
        expect(Retention?.Mode).toBe('GOVERNANCE');
        const { VersionId } = await s3.send(new PutObjectCommand({ ...place, Body: '{"forged":true}' }));
        expect(await verifyAudit(log)).toMatchObject({ ok: false, broken: { sequence: 2 } });
        // The forged version is locked like any other; only who may lift a lock takes it away again.
        await expect(s3.send(new DeleteObjectCommand({ ...place, VersionId }))).rejects.toMatchObject({
          name: 'AccessDenied',
        });
        await s3.send(new DeleteObjectCommand({ ...place, VersionId, BypassGovernanceRetention: true }));
        expect(await verifyAudit(log)).toMatchObject({ ok: true });
      } finally {
        log.close();
      }
    });

    test('the detector of these tests stands by again', async () => {
      expect(await put('catalog/detectors/transfers-watched/activation', {})).toMatchObject({ status: 200 });
      await eventually(
        'the detector stands by',
        async () =>
          (await decide('trent')).every(({ detector: name }) => name !== 'transfers-watched') ? true : undefined,
        SEEN_WITHIN_MS,
      );
    });
  });
