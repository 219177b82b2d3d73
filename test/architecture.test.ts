import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import { describe, expect, test } from '@jest/globals';

const FOLDERS = ['bin', 'functions', 'lib', 'local', 'test', 'bench'];
const files = globSync(`{${FOLDERS.join(',')}}/**/*.ts`).map((file) => file.replaceAll('\\', '/'));
const { imports: subpaths } = JSON.parse(readFileSync('package.json', 'utf8')) as { imports: Record<string, string> };

/** A subpath such as `#domain/event.ts` or a relative path, as a path of the checkout; a package as it is. */
const resolved = (from: string, specifier: string): string => {
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier));
  if (!specifier.startsWith('#')) return specifier;
  const prefix = `${specifier.slice(0, specifier.indexOf('/'))}/*`;
  return (subpaths[prefix] ?? '').replace('*', specifier.slice(prefix.length - 1)).replace('./', '');
};

const IMPORT = /(?:^|\n)\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/g;
const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, from, dynamic]) => resolved(file, from ?? dynamic ?? ''));
const graph = new Map(files.map((file) => [file, importsOf(file)]));

const SHARED = 'functions/shared';
const inShared = (...folders: string[]) => folders.map((folder) => `${SHARED}/${folder}/`);
/** What each pure folder may import: folders of the checkout, and packages. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  domain: [...inShared('domain'), 'zod', 'node:crypto', 'node:zlib'],
  rules: [...inShared('domain', 'rules'), 'zod', 're2js'],
  model: [...inShared('domain', 'model'), 'zod', 'node:crypto'],
  features: [...inShared('domain', 'rules', 'model', 'features'), 'zod', 'node:crypto'],
  catalog: [...inShared('domain', 'rules', 'model', 'features', 'catalog')],
  ports: [...inShared('domain', 'rules', 'model', 'features', 'ports'), 'zod'],
};

describe('imports point one way', () => {
  test('there is something to check', () => {
    expect(files.length).toBeGreaterThan(100);
    expect([...graph.values()].flat().length).toBeGreaterThan(300);
  });

  test.each(Object.entries(ALLOWED))('%s imports only what it may', (folder, allowed) => {
    const strays = [...graph]
      .filter(([file]) => file.startsWith(`${SHARED}/${folder}/`))
      .flatMap(([file, imports]) =>
        imports
          .filter((target) => !allowed.some((start) => target.startsWith(start)))
          .map((target) => `${file} → ${target}`),
      );

    expect(strays).toEqual([]);
  });

  test('only adapters of the functions import an AWS SDK', () => {
    const strays = [...graph].filter(
      ([file, imports]) =>
        file.startsWith('functions/') &&
        !file.startsWith(`${SHARED}/adapters/`) &&
        imports.some((target) => /^@(aws-sdk|smithy)\//.test(target)),
    );

    expect(strays.map(([file]) => file)).toEqual([]);
  });

  test('functions know nothing of deployment, command line or embedded cloud', () => {
    const strays = [...graph].filter(
      ([file, imports]) =>
        file.startsWith('functions/') && imports.some((target) => /^(lib|bin|local|test)\//.test(target)),
    );

    expect(strays.map(([file]) => file)).toEqual([]);
  });

  test('the deployment takes environment schemas alone from the functions', () => {
    const strays = [...graph]
      .filter(([file]) => file.startsWith('lib/'))
      .flatMap(([file, imports]) =>
        imports
          .filter((target) => target.startsWith('functions/') && !target.endsWith('/environment.ts'))
          .map((target) => `${file} → ${target}`),
      );

    expect(strays).toEqual([]);
  });

  test('only the command line starts the embedded cloud', () => {
    const strays = [...graph]
      .filter(([file]) => !/^(local|bin|test|bench)\//.test(file))
      .filter(([, imports]) => imports.some((target) => target.startsWith('local/')));

    expect(strays.map(([file]) => file)).toEqual([]);
  });
});

test('no module imports itself in a circle', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (done.has(file) || path.includes(file)) return;
    for (const target of graph.get(file) ?? []) if (graph.has(target)) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);

  expect(circles).toEqual([]);
});

test('pure folders read no clock, no environment and no chance', () => {
  const pure = files.filter((file) => /^functions\/shared\/(domain|rules|features|model|catalog|ports)\//.test(file));
  const impure = pure.filter((file) =>
    /process\.env|Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|randomUUID/.test(
      readFileSync(file, 'utf8'),
    ),
  );

  expect(pure.length).toBeGreaterThan(20);
  expect(impure).toEqual([]);
});
