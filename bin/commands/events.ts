import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Command } from 'commander';
import * as z from 'zod';

import { PUBLISHED_SCHEMAS } from '#domain/published/published-event.ts';

/** `events schema`: what a team needs that hooks into the bus. */
export const eventsCommand = (): Command =>
  new Command('events').description('the events that Assay puts on its bus: see docs/events.md').addCommand(
    new Command('schema')
      .description("print the JSON Schemas of the events' details, by detail type")
      .option('--out <folder>', 'write them there as <detail-type>.schema.json instead')
      .action(({ out }: { out?: string }) => schema(out)),
  );

/** Members may be added under the same version, so the schema lets them pass. */
const openSchemaOf = (detail: z.ZodType): object =>
  z.toJSONSchema(detail, {
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });

const schema = (out: string | undefined): void => {
  const schemas = Object.entries(PUBLISHED_SCHEMAS).map(([detailType, detail]): [string, object] => [
    detailType,
    openSchemaOf(detail),
  ]);
  if (out === undefined) {
    console.log(JSON.stringify(Object.fromEntries(schemas), undefined, 2));
    return;
  }
  mkdirSync(out, { recursive: true });
  for (const [detailType, document] of schemas) {
    const file = join(out, `${detailType.replaceAll(' ', '-')}.schema.json`);
    writeFileSync(file, `${JSON.stringify(document, undefined, 2)}\n`);
    console.log(file);
  }
};
