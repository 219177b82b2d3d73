import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { CatalogProblem } from './problem.ts';
import { readYaml, type YamlDocument } from './yaml-document.ts';

/** Folders of the catalog, by the kind of document that their YAML files hold. */
export const FOLDERS = {
  eventType: 'event-types',
  detector: 'detectors',
  list: 'lists',
  model: 'models',
} as const;
export type FolderKind = keyof typeof FOLDERS;

/** Folder of score references: `<detector>.json`, as `assay calibrate` writes them. */
export const REFERENCES = 'references';
export const SWITCHES = 'switches.yaml';

/** The catalog's text before anything in it is checked. */
export interface CatalogSource {
  readonly folder: string;
  readonly documents: Readonly<Record<FolderKind, readonly YamlDocument[]>>;
  readonly switches: readonly YamlDocument[];
  /** Names of the files in the folder of references. */
  readonly references: readonly string[];
  readonly problems: readonly CatalogProblem[];
}

const YAML = /\.ya?ml$/;

/** Reads the folder's YAML. What cannot be read, or lies where nobody looks, is a problem. Never throws. */
export const readSource = (folder: string): CatalogSource => {
  const problems: CatalogProblem[] = [];
  const read = (file: string): readonly YamlDocument[] => {
    const bytes = bytesOf(folder, file);
    if (!bytes) {
      problems.push({ file, path: '', problem: 'the file cannot be read', remedy: 'check its permissions' });
      return [];
    }
    const { documents, problems: found } = readYaml(file, bytes.toString('utf8'));
    problems.push(...found);
    return documents;
  };
  const inFolder = (name: string) => namesIn(folder, name).filter((file) => YAML.test(file));
  const readAll = (name: string) => inFolder(name).flatMap((file) => read(`${name}/${file}`));
  const documents = {
    eventType: readAll(FOLDERS.eventType),
    detector: readAll(FOLDERS.detector),
    list: readAll(FOLDERS.list),
    model: readAll(FOLDERS.model),
  };
  const switches = namesIn(folder, '.').includes(SWITCHES) ? read(SWITCHES) : [];
  problems.push(...strayFiles(folder));
  return { folder, documents, switches, references: namesIn(folder, REFERENCES), problems };
};

/** The bytes of a file of the catalog, or undefined where they cannot be read. */
export const bytesOf = (folder: string, file: string): Buffer | undefined => {
  try {
    return readFileSync(join(folder, file));
  } catch {
    return undefined;
  }
};

const entriesIn = (folder: string): readonly Dirent[] => {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
};

/** In order of name, so that the same folder gives the same catalog on every machine. */
const namesIn = (folder: string, name: string): readonly string[] =>
  entriesIn(join(folder, name))
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();

/** YAML that no folder's kind covers: most likely a misspelt folder, whose documents would silently be left out. */
const strayFiles = (folder: string): readonly CatalogProblem[] => {
  if (!isFolder(folder)) {
    return [{ file: '.', path: '', problem: 'there is no such folder', remedy: 'name the folder of the catalog' }];
  }
  const known: readonly string[] = [...Object.values(FOLDERS), REFERENCES];
  const remedy = `move it into ${Object.values(FOLDERS).join(', ')}, or name it ${SWITCHES}`;
  const stray = (file: string) => ({ file, path: '', problem: 'a document here is not read', remedy });
  const atRoot = namesIn(folder, '.').filter((name) => YAML.test(name) && name !== SWITCHES);
  const elsewhere = entriesIn(folder)
    .filter((entry) => entry.isDirectory() && !known.includes(entry.name) && !entry.name.startsWith('.'))
    .flatMap(({ name }) =>
      namesIn(folder, name)
        .filter((file) => YAML.test(file))
        .map((file) => `${name}/${file}`),
    );
  return [...atRoot, ...elsewhere].map(stray);
};

const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
};
