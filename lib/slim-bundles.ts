import { readFileSync } from 'node:fs';

import type { Plugin } from 'esbuild';

/**
 * Lets esbuild drop the shapes of operations that a function does not call: some 60 KB of the client of S3 alone.
 *
 * The SDK writes keys of its schemas as `{ [_hH]: 1 }`, with the text in a constant. A computed key could run code, so
 * esbuild keeps every schema; with the text in its place it keeps those that are used.
 */
export const withPlainSchemaKeys: Plugin = {
  name: 'plain-schema-keys',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const constants = source.matchAll(/^const (_\w+) = ("(?:[^"\\]|\\.)*");$/gm);
      const texts = new Map([...constants].map(([, name, text]) => [name, text]));
      return { contents: source.replaceAll(/\[(_\w+)\]:/g, (key, name: string) => `${texts.get(name) ?? key}:`) };
    });
  },
};

/**
 * Takes credentials from the environment, where Lambda puts them, and leaves out the other ways of the default chain:
 * sign-in, profiles, containers and instances, some 95 KB that no function ever gets to.
 */
export const withEnvironmentCredentials: Plugin = {
  name: 'environment-credentials',
  setup: ({ onResolve, onLoad }) => {
    const namespace = 'environment-credentials';
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({ path: 'credentials', namespace }));
    onLoad({ filter: /^credentials$/, namespace }, () => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: import.meta.dirname,
    }));
  },
};

const LATE = 'late-regular-expressions';

/** Under this name a bundle's list of inputs says that it loads the engine when it needs it. */
export const LATE_ENGINE_INPUT = `${LATE}:re2js`;

/**
 * Loads the engine of regular expressions, 150 KB with its tables of Unicode, from `re2js.cjs` beside the bundle when
 * the first one is compiled: most catalogs have none, and a function that starts does not wait for it.
 */
export const withLateRegularExpressions: Plugin = {
  name: LATE,
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^re2js$/ }, () => ({ path: 're2js', namespace: LATE }));
    onResolve({ filter: /^\.\/re2js\.cjs$/, namespace: LATE }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /^re2js$/, namespace: LATE }, () => ({
      contents: `
        let engine;
        const load = () => (engine ??= require('./re2js.cjs'));
        export const RE2JS = { compile: (pattern) => load().RE2JS.compile(pattern) };
        export class RE2JSException {
          static [Symbol.hasInstance](error) { return error instanceof load().RE2JSException; }
        }
      `,
    }));
  },
};
