import type { CatalogAsset } from '#domain/catalog/asset.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { checkDetector } from '../../functions/shared/catalog/check-detector.ts';
import { checkEventType } from '../../functions/shared/catalog/check-event-type.ts';
import { checkFeatures } from '../../functions/shared/catalog/check-features.ts';
import { checkList } from '../../functions/shared/catalog/check-list.ts';
import { checkModel } from '../../functions/shared/catalog/check-model.ts';
import { checkModelFile, checkReferenceFile } from './check-models.ts';
import { checkNames } from './check-names.ts';
import { type Parsed, type ParsedCatalog, parseDocuments } from './parse-documents.ts';
import type { CatalogProblem } from './problem.ts';
import { reportInto } from './report.ts';
import { bytesOf, type CatalogSource, FOLDERS, REFERENCES, readSource } from './source.ts';

/** A catalog that can be deployed, or all that is wrong with it. */
export type ReadCatalog =
  | { readonly ok: true; readonly asset: CatalogAsset }
  | { readonly ok: false; readonly problems: readonly CatalogProblem[] };

/** What is read of a catalog's folder. */
export interface ReadOptions {
  /** False leaves score references out, which may be of older models. @default true */
  readonly withReferences?: boolean;
}

/**
 * Reads a catalog's folder and checks it: each document by its schema, and all of them together.
 *
 * When documents are wrong by themselves, those are the problems told; what refers to them is checked once they are
 * right, so that one mistake is told once. Never throws for anything that the folder holds.
 */
export const readCatalog = (folder: string, { withReferences = true }: ReadOptions = {}): ReadCatalog => {
  const source = readSource(folder);
  const { parsed, problems } = parseDocuments(source);
  const nothing = source.problems.length + problems.length + parsed.eventTypes.length === 0 ? [NO_EVENT_TYPE] : [];
  const wrong = [...source.problems, ...problems, ...nothing];
  if (wrong.length > 0) return { ok: false, problems: inOrder(wrong) };
  const files = readFiles(withReferences ? source : { ...source, references: [] }, parsed);
  const clashes = checkTogether(parsed, files);
  return clashes.length > 0 ? { ok: false, problems: inOrder(clashes) } : { ok: true, asset: assetOf(parsed, files) };
};

/** Of an empty folder, or one that is no catalog. */
const NO_EVENT_TYPE: CatalogProblem = {
  file: 'event-types/',
  path: '',
  problem: 'the catalog has no event type, so it could take no event',
  remedy: 'add a document as catalog/event-types/card_payment.yaml shows, or name the right folder',
};

interface Files {
  readonly models: ReadonlyMap<string, Uint8Array | undefined>;
  /** Names of files in the folder of references, with their bytes. */
  readonly references: ReadonlyMap<string, Uint8Array | undefined>;
}

const readFiles = ({ folder, references }: CatalogSource, { models }: ParsedCatalog): Files => ({
  models: new Map(models.map(({ content: { file } }) => [file, bytesOf(folder, `${FOLDERS.model}/${file}`)])),
  references: new Map(references.map((name) => [name, bytesOf(folder, `${REFERENCES}/${name}`)])),
});

const checkTogether = (catalog: ParsedCatalog, files: Files): readonly CatalogProblem[] => {
  const problems: CatalogProblem[] = [];
  const into = ({ at }: Parsed<unknown>) => reportInto(problems, at);
  checkUnique(catalog, problems);
  checkNames(catalog, problems);
  const eventTypes = byName(catalog.eventTypes, ({ eventType }) => eventType);
  const lists = byName(catalog.lists, ({ list }) => list);
  const detectors = byName(catalog.detectors, ({ detector }) => detector);
  const models = Map.groupBy(
    catalog.models.map(({ content }) => content),
    ({ model }) => model,
  );
  const versions = Map.groupBy(
    catalog.detectors.map(({ content }) => content),
    ({ detector }) => detector,
  );
  for (const document of catalog.eventTypes) {
    checkEventType(document.content, into(document));
    checkFeatures(document.content, { eventTypes, detectors: versions }, into(document));
  }
  for (const document of catalog.lists) checkList(document.content, eventTypes.values(), into(document));
  for (const document of catalog.models) {
    checkModel(document.content, eventTypes, into(document));
    checkModelFile(document.content, files.models.get(document.content.file), into(document));
  }
  for (const document of catalog.detectors) {
    checkDetector(document.content, { eventTypes, models, lists }, into(document));
  }
  for (const document of catalog.switches.slice(1)) {
    into(document)([], 'there are switches above already', 'keep one document of switches');
  }
  for (const document of catalog.switches) {
    for (const [index, name] of document.content.rulesOnly.entries()) {
      if (detectors.has(name)) continue;
      into(document)(['rulesOnly', index], `there is no detector '${name}'`, 'correct the name or remove it');
    }
  }
  const modelBytes = new Map(
    catalog.models.flatMap(({ content: { model, file } }): [string, Uint8Array][] => {
      const bytes = files.models.get(file);
      return bytes ? [[model, bytes]] : [];
    }),
  );
  for (const [name, bytes] of files.references) {
    problems.push(...checkReferenceFile(name, bytes, { detectors, models: modelBytes }));
  }
  return problems;
};

/** Of detectors and models, several versions may stand side by side, when each is numbered; of the rest, one document. */
const checkUnique = (catalog: ParsedCatalog, problems: CatalogProblem[]): void => {
  const check = <Content extends { readonly version?: number | undefined }>(
    documents: readonly Parsed<Content>[],
    keyOf: (content: Content) => string,
    field: string,
  ): void => {
    const first = new Map<string, Parsed<Content>>();
    for (const document of documents) {
      const key = keyOf(document.content);
      const other = first.get(key);
      if (!other) first.set(key, document);
      else {
        const where = `${other.at.file}:${other.at.lineOf([])}`;
        reportInto(problems, document.at)(
          [field],
          `it is in ${where} already`,
          'give one of them another name or version',
        );
      }
    }
  };
  const numbered = (name: string, version: number | undefined): string => `${name}@${version ?? ''}`;
  check(catalog.eventTypes, ({ eventType }) => eventType, 'eventType');
  check(catalog.lists, ({ list }) => list, 'list');
  check(catalog.models, ({ model, version }) => numbered(model, version), 'model');
  check(catalog.detectors, ({ detector, version }) => numbered(detector, version), 'detector');
  checkNumbered(catalog.models, ({ model }) => model, 'model', problems);
  checkNumbered(catalog.detectors, ({ detector }) => detector, 'detector', problems);
  const active = catalog.detectors.filter(({ content }) => content.status === 'active');
  for (const documents of Map.groupBy(active, ({ content }) => content.detector).values()) {
    for (const document of documents.slice(1)) {
      const remedy = "write 'status: standby' in all but one";
      reportInto(problems, document.at)(['status'], 'another version of this detector is active', remedy);
    }
  }
};

const checkNumbered = <Content extends { readonly version?: number | undefined }>(
  documents: readonly Parsed<Content>[],
  nameOf: (content: Content) => string,
  field: string,
  problems: CatalogProblem[],
): void => {
  for (const same of Map.groupBy(documents, ({ content }) => nameOf(content)).values()) {
    const unnumbered = same.find(({ content }) => content.version === undefined);
    if (same.length < 2 || !unnumbered) continue;
    reportInto(problems, unnumbered.at)([field], 'there are several versions of it', "number each with 'version'");
  }
};

const byName = <Content>(
  documents: readonly Parsed<Content>[],
  nameOf: (content: Content) => string,
): ReadonlyMap<string, Content> => new Map(documents.map(({ content }) => [nameOf(content), content]));

const inOrder = (problems: readonly CatalogProblem[]): readonly CatalogProblem[] =>
  problems.toSorted((left, right) =>
    left.file === right.file ? (left.line ?? 0) - (right.line ?? 0) : left.file < right.file ? -1 : 1,
  );

const assetOf = (catalog: ParsedCatalog, files: Files): CatalogAsset => ({
  format: 1,
  eventTypes: catalog.eventTypes.map(({ content }) => content),
  detectors: catalog.detectors.map(({ content }) => content),
  lists: catalog.lists.map(({ content }) => content),
  models: catalog.models.map(({ content }) => ({ document: content, file: fileOf(files.models.get(content.file)!) })),
  references: [...files.references].map(([name, bytes]) => ({
    detector: name.replace(/\.json$/, ''),
    file: fileOf(bytes!),
  })),
  switches: catalog.switches[0]?.content ?? { format: 1, rulesOnly: [] },
});

const fileOf = (bytes: Uint8Array) => ({ sha256: sha256Hex(bytes), base64: Buffer.from(bytes).toString('base64') });
