import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { Command } from 'commander';

import { clientTypesOf } from '../openapi/client-types.ts';
import { openApiDocument, openApiText } from '../openapi/document.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** What `--write` writes, by its path below the checkout. */
export const openApiFiles = async (): Promise<Readonly<Record<string, string>>> => ({
  'docs/openapi.json': openApiText(),
  'docs/client/api.ts': await clientTypesOf(openApiDocument()),
});

/** `openapi`: describes the API for programs. */
export const openApiCommand = (): Command =>
  new Command('openapi')
    .description('print the API as OpenAPI 3.1, made from the schemas that requests are checked by')
    .option('--write', 'write docs/openapi.json and the types for clients in docs/client instead')
    .action(async ({ write }: { readonly write?: boolean }) => {
      if (!write) process.stdout.write(openApiText());
      else await writeFiles();
    });

const writeFiles = async (): Promise<void> => {
  for (const [path, text] of Object.entries(await openApiFiles())) {
    mkdirSync(resolve(ROOT, path, '..'), { recursive: true });
    writeFileSync(join(ROOT, path), text);
    console.log(path);
  }
};
