import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { placeOf } from '../catalog/problem.ts';
import { readYaml, type YamlDocument } from '../catalog/yaml-document.ts';
import type { AssayClient } from '../system/client.ts';
import { type Change, inlineOrUploaded, putByApi } from './change.ts';

type Content = Readonly<Record<string, unknown>>;

/** Kinds of document by the field that names them; what others refer to comes first. */
const KINDS = ['list', 'model', 'detector', 'eventType'] as const;
type Kind = (typeof KINDS)[number];
/** The order in which they are put. */
const ORDER: readonly Kind[] = ['eventType', 'list', 'model', 'detector'];

interface Document {
  readonly kind: Kind;
  readonly name: string;
  readonly content: Content;
}

/**
 * Puts the documents of a YAML or JSON file into the catalog by the API, what others refer to first.
 *
 * @throws {Error} that names the document at fault and the remedy; what was put before it stays.
 */
export const putDocuments = async (
  client: AssayClient,
  path: string,
  ifMatch: string | undefined,
): Promise<readonly Change[]> => {
  const documents = documentsIn(path);
  if (documents.length > 1 && ifMatch !== undefined) throw new Error('--if-match is for a file of one document');
  const changes: Change[] = [];
  for (const document of documents) {
    try {
      changes.push(await put(client, document, path, ifMatch));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${document.kind} '${document.name}': ${why}`, { cause });
    }
  }
  return changes;
};

const put = async (
  client: AssayClient,
  { kind, name, content }: Document,
  path: string,
  ifMatch: string | undefined,
): Promise<Change> => {
  const to = (folder: string) => `${folder}/${encodeURIComponent(name)}`;
  if (kind === 'eventType') return putByApi(client, to('catalog/event-types'), content, ifMatch);
  if (kind === 'detector') return putByApi(client, to('catalog/detectors'), content, ifMatch);
  if (kind === 'list') return putList(client, to('lists'), { name, content }, ifMatch);
  const file = join(dirname(path), String(content.file));
  const bytes = readFileSync(file);
  const inline = { base64: bytes.toString('base64') };
  const given = await inlineOrUploaded(client, inline, { bytes, name: basename(file) });
  return putByApi(client, to('catalog/models'), { document: content, file: given }, ifMatch);
};

const putList = async (
  client: AssayClient,
  path: string,
  { name, content: { values, of = null, description } }: { readonly name: string; readonly content: Content },
  ifMatch: string | undefined,
): Promise<Change> => {
  const bytes = Buffer.from(JSON.stringify(values));
  const given = await inlineOrUploaded(client, { values }, { bytes, name: `${name}.json` });
  return putByApi(client, path, { operation: 'replace', of, description, ...given }, ifMatch);
};

const documentsIn = (path: string): readonly Document[] => {
  const { documents, problems } = readYaml(path, readFileSync(path, 'utf8'));
  const [problem] = problems;
  if (problem) throw new Error(`${placeOf(problem)}: ${problem.problem}; ${problem.remedy}`);
  const read = documents.map(documentIn);
  if (read.length === 0) throw new Error(`'${path}' holds no document`);
  return read.toSorted((left, right) => ORDER.indexOf(left.kind) - ORDER.indexOf(right.kind));
};

const documentIn = ({ value, file, lineOf }: YamlDocument): Document => {
  const content = typeof value === 'object' && value !== null ? (value as Content) : {};
  const kind = KINDS.find((field) => typeof content[field] === 'string');
  if (kind) return { kind, name: String(content[kind]), content };
  const remedy =
    'rulesOnly' in content ? "turn switches with 'assay detector rules-only'" : "see 'assay catalog schema'";
  throw new Error(`${placeOf({ file, line: lineOf([]) })}: this is no event type, list, model or detector; ${remedy}`);
};
