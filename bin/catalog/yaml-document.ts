import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';

import type { CatalogProblem } from './problem.ts';

/** A document of a YAML file, with the lines that its parts stand on. */
export interface YamlDocument {
  /** Path of the file from the catalog's folder. */
  readonly file: string;
  readonly value: unknown;
  /** Line of a part, counted from 1; of the nearest part around it where there is none. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** A list of 100,000 values is a few megabytes. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** The documents of a YAML file, and what is wrong with its text. Never throws. */
export const readYaml = (
  file: string,
  text: string,
): { readonly documents: readonly YamlDocument[]; readonly problems: readonly CatalogProblem[] } => {
  if (text.length > MAX_CHARACTERS) {
    const problem = {
      file,
      path: '',
      problem: 'the file is larger than 16 million characters',
      remedy: 'split it into several files',
    };
    return { documents: [], problems: [problem] };
  }
  const counter = new LineCounter();
  try {
    const parsed = parseAllDocuments(text, { lineCounter: counter, uniqueKeys: true, prettyErrors: false });
    const documents = Array.isArray(parsed) ? parsed : [];
    const problems = documents.flatMap(({ errors }) =>
      errors.map(({ message, pos }) => ({
        file,
        line: counter.linePos(pos[0]).line,
        path: '',
        problem: `the YAML cannot be read: ${message}`,
        remedy: 'correct the indentation, quotes or keys at this line',
      })),
    );
    if (problems.length > 0) return { documents: [], problems };
    return { documents: documents.flatMap((document) => documentOf(file, document, counter)), problems };
  } catch (error) {
    // Aliases that multiply, or nesting without end.
    const reason = error instanceof Error ? error.message : 'unknown';
    return {
      documents: [],
      problems: [{ file, path: '', problem: `the YAML cannot be read: ${reason}`, remedy: 'simplify the document' }],
    };
  }
};

const documentOf = (file: string, document: Document.Parsed, counter: LineCounter): readonly YamlDocument[] => {
  const value: unknown = document.toJS();
  if (value === null || value === undefined) return [];
  return [{ file, value, lineOf: (path) => counter.linePos(offsetOf(document, path)).line }];
};

/** Where a part begins: its key where it has one, for a key is what a reader looks for. */
const offsetOf = (document: Document.Parsed, path: readonly PropertyKey[]): number => {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? document.range[0];
  for (const step of path) {
    const child = childOf(node, step);
    if (!child) return offset;
    offset = startOf(child.key) ?? startOf(child.value) ?? offset;
    node = child.value;
  }
  return offset;
};

const childOf = (node: unknown, step: PropertyKey): { readonly key?: unknown; readonly value: unknown } | undefined => {
  if (isMap(node)) return node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  if (isSeq(node)) return { value: node.items[Number(step)] };
  return undefined;
};

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
