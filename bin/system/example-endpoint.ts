import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as yaml from 'yaml';

import type { CatalogAsset } from '#domain/catalog/asset.ts';
import { readCatalog } from '../catalog/read-catalog.ts';
import { EVENT_TYPE } from '../simulation/simulate.ts';

const EXAMPLE = join(import.meta.dirname, 'example-endpoint');
const DETECTOR = 'card-payments-remote';
const ENDPOINT = {
  name: 'card-payments-remote',
  // Not started anywhere: the embedded SageMaker serves the model by itself.
  image: '000000000000.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.0-5',
  modelData: { file: join(EXAMPLE, 'model.json') },
  capacity: { kind: 'serverless' },
};

/** What the app is synthesized from. */
export interface Sources {
  /** Folder of the catalog. */
  readonly catalog: string;
  /** Stage configuration file. */
  readonly stages: string;
}

/**
 * The same sources when a detector of theirs asks an endpoint; or copies with the example of one added, so that faults
 * of SageMaker have something to strike.
 *
 * @param folder - where copies are written, anew each time.
 * @returns the sources, and whether they are copies with the example.
 * @throws {Error} if no example fits the catalog, saying what to add.
 */
export const withEndpoint = (sources: Sources, folder: string): Sources & { readonly added: boolean } => {
  const read = readCatalog(sources.catalog);
  // A catalog with faults is told of at synthesis, each with its place.
  if (!read.ok || read.asset.detectors.some(asksEndpoint)) return { ...sources, added: false };
  if (!fitsExample(read.asset)) {
    throw new Error(
      `no detector of the catalog asks a SageMaker endpoint, so its faults would strike nothing; give one a member of kind sagemaker, as ${join(EXAMPLE, `${DETECTOR}.yaml`)} shows, and the stage its endpoint`,
    );
  }
  rmSync(folder, { recursive: true, force: true });
  const catalog = join(folder, 'catalog');
  cpSync(sources.catalog, catalog, { recursive: true });
  mkdirSync(join(catalog, 'detectors'), { recursive: true });
  cpSync(join(EXAMPLE, `${DETECTOR}.yaml`), join(catalog, 'detectors', `${DETECTOR}.yaml`));
  return { catalog, stages: stagesWithEndpoint(sources.stages, folder), added: true };
};

const asksEndpoint = ({ members, status }: CatalogAsset['detectors'][number]): boolean =>
  status === 'active' && members.some(({ kind }) => kind === 'sagemaker');

const fitsExample = ({ eventTypes, models }: CatalogAsset): boolean =>
  eventTypes.some(({ eventType }) => eventType === EVENT_TYPE) &&
  models.some(({ document }) => document.model === 'card-payments-trees');

const stagesWithEndpoint = (stages: string, folder: string): string => {
  const document = yaml.parseDocument(readFileSync(stages, 'utf8'));
  const path = ['stages', 'local', 'endpoints'];
  if (document.hasIn(path)) document.addIn(path, ENDPOINT);
  else document.setIn(path, [ENDPOINT]);
  const file = join(folder, 'stages.yaml');
  writeFileSync(file, String(document));
  return file;
};
