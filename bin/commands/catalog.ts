import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { Command } from 'commander';
import pc from 'picocolors';

import type { CatalogAsset } from '#domain/catalog/asset.ts';
import { changeInWords } from '../administration/change.ts';
import { putDocuments } from '../administration/put-documents.ts';
import { DOCUMENT_SCHEMAS, jsonSchemaOf } from '../catalog/parse-documents.ts';
import { type CatalogProblem, placeOf } from '../catalog/problem.ts';
import { type ReadCatalog, readCatalog } from '../catalog/read-catalog.ts';
import { onSystem, type TargetFlags, withClient } from '../system/target.ts';
import { readable } from './drop.ts';

const STARTER = resolve(import.meta.dirname, '../../catalog');

/** `catalog check`, `schema` and `put`: what a team needs while it writes its event types and detectors. */
export const catalogCommand = (): Command =>
  new Command('catalog')
    .description('check event types, detectors, lists and models, or get their JSON Schemas')
    .addCommand(
      new Command('check')
        .description('say what is wrong with a catalog, where, and what to do')
        .argument('[folder]', 'folder of the catalog', STARTER)
        .option('--json', 'print the findings as JSON')
        .action((folder: string, { json }: { json?: boolean }) => check(folder, json ?? false)),
    )
    .addCommand(
      onSystem(new Command('put'))
        .description('put the documents of a file into a running or deployed system, without a deployment')
        .argument('<file>', 'YAML or JSON; files of models lie beside it')
        .option('--if-match <etag>', 'refuse when the document has changed since this state')
        .action(put),
    )
    .addCommand(
      new Command('schema')
        .description("print the JSON Schemas of the catalog's documents, for editors to complete and check")
        .option('--out <folder>', 'write them there as <kind>.schema.json instead')
        .action(({ out }: { out?: string }) => schema(out)),
    );

const put = async (file: string, flags: TargetFlags & { readonly ifMatch?: string }): Promise<void> => {
  const changes = await withClient(flags, (client) => putDocuments(client, readable(file), flags.ifMatch));
  console.log(flags.json ? JSON.stringify(changes, undefined, 2) : changes.map(changeInWords).join('\n'));
};

const check = (folder: string, json: boolean): void => {
  const read = readCatalog(folder);
  if (json) console.log(JSON.stringify(read.ok ? { ok: true, ...countsOf(read.asset) } : read, undefined, 2));
  else console.log(inWords(folder, read));
  if (!read.ok) process.exitCode = 1;
};

const countsOf = ({ eventTypes, detectors, lists, models, references }: CatalogAsset) => ({
  eventTypes: eventTypes.length,
  detectors: detectors.length,
  lists: lists.length,
  models: models.length,
  references: references.length,
});

const inWords = (folder: string, read: ReadCatalog): string => {
  if (!read.ok) {
    return [...read.problems.map(block), pc.red(`${read.problems.length} to correct in ${folder}`)].join('\n\n');
  }
  const { eventTypes, detectors, lists, models, references } = countsOf(read.asset);
  const counts = `event types ${eventTypes}, detectors ${detectors}, lists ${lists}, models ${models}, references ${references}`;
  return `${pc.green('The catalog is fine:')} ${counts}`;
};

const block = (found: CatalogProblem): string =>
  [
    `${pc.bold(placeOf(found))}${found.path === '' ? '' : `  ${pc.dim(found.path)}`}`,
    `  ${found.problem}`,
    `  ${pc.cyan('→')} ${found.remedy}`,
  ].join('\n');

const schema = (out: string | undefined): void => {
  const schemas = Object.entries(DOCUMENT_SCHEMAS).map(([kind, document]): [string, object] => [
    kind,
    jsonSchemaOf(document),
  ]);
  if (out === undefined) {
    console.log(JSON.stringify(Object.fromEntries(schemas), undefined, 2));
    return;
  }
  mkdirSync(out, { recursive: true });
  for (const [kind, document] of schemas) {
    const file = join(out, `${kind}.schema.json`);
    writeFileSync(file, `${JSON.stringify(document, undefined, 2)}\n`);
    console.log(file);
  }
};
