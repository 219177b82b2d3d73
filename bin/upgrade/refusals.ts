import { isDeepStrictEqual } from 'node:util';

import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';

/** A template, as far as an upgrade is judged by it. */
export interface JudgedTemplate {
  readonly Resources: Readonly<Record<string, JudgedResource>>;
}
export interface JudgedResource {
  readonly Type: string;
  readonly DeletionPolicy?: string | undefined;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Types whose resources hold what cannot be made again: data, keys, and what joins data. */
export const STATEFUL_TYPES: ReadonlySet<string> = new Set([
  'AWS::Cognito::UserPool',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
  'AWS::SecretsManager::Secret',
]);

/** Properties that change in place whatever they say; left out to keep a release's record short. */
const INCIDENTAL = new Set([
  'Description',
  'KeyPolicy',
  'LifecycleConfiguration',
  'LoggingConfiguration',
  'NotificationConfiguration',
  'PublicAccessBlockConfiguration',
  'Tags',
]);

const withoutIncidentals = (properties: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(properties).filter(([name]) => !INCIDENTAL.has(name)));

/** The stateful resources of a template, which are all that a release must not lose. */
export const statefulOf = ({ Resources }: JudgedTemplate): JudgedTemplate => ({
  Resources: Object.fromEntries(
    Object.entries(Resources)
      .filter(([, { Type }]) => STATEFUL_TYPES.has(Type))
      .map(([id, { Type, DeletionPolicy, Properties = {} }]) => [
        id,
        { Type, ...(DeletionPolicy && { DeletionPolicy }), Properties: withoutIncidentals(Properties) },
      ]),
  ),
});

/**
 * Why a template may not take the place of the one before; empty if it may.
 *
 * Refused is what would lose data, or what CloudFormation would begin and could not finish: a stateful resource that is
 * removed or replaced, one that would no longer outlive its stack, a secret that would be generated anew, and more than
 * one index of a table created, deleted or changed at once.
 *
 * @param before - what is deployed, or the stateful part of it.
 */
export const refusalsOf = (before: JudgedTemplate, after: JudgedTemplate): string[] => {
  const kept = statefulOf(before).Resources;
  return [...replacements(before, after), ...Object.entries(kept).flatMap(([id, old]) => judge(id, old, after))];
};

const judge = (id: string, old: JudgedResource, { Resources }: JudgedTemplate): string[] => {
  const now = Resources[id];
  if (!now) return [`${nameOf(id, old)} would be removed: bring it back under this very id`];
  // That the type changes is a replacement.
  if (now.Type !== old.Type) return [];
  return [...weakened(id, old, now), ...regenerated(id, old, now), ...reindexed(id, old, now)];
};

const replacements = (before: JudgedTemplate, after: JudgedTemplate): string[] => {
  const refusals: string[] = [];
  const { resources } = fullDiff(structuredClone({ ...statefulOf(before) }), structuredClone({ ...statefulOf(after) }));
  resources.forEachDifference((id, change) => {
    const old = before.Resources[id];
    if (!old || !REPLACED.has(change.changeImpact) || !(id in after.Resources)) return;
    const properties = Object.entries(change.propertyUpdates)
      .filter(([, { changeImpact }]) => changeImpact && REPLACED.has(changeImpact))
      .map(([property]) => property);
    const what = properties.length > 0 ? properties.join(', ') : 'its type';
    refusals.push(`${nameOf(id, old)} would be replaced by an empty one, since ${what} changes: leave it as it was`);
  });
  return refusals;
};

const REPLACED: ReadonlySet<ResourceImpact> = new Set([ResourceImpact.WILL_REPLACE, ResourceImpact.MAY_REPLACE]);

const weakened = (id: string, old: JudgedResource, now: JudgedResource): string[] =>
  old.DeletionPolicy === 'Retain' && now.DeletionPolicy !== 'Retain'
    ? [`${nameOf(id, old)} would no longer be retained when it leaves its stack: keep DeletionPolicy: Retain`]
    : [];

const regenerated = (id: string, old: JudgedResource, now: JudgedResource): string[] =>
  old.Type === 'AWS::SecretsManager::Secret' &&
  !isDeepStrictEqual(old.Properties?.GenerateSecretString, now.Properties?.GenerateSecretString)
    ? [`${nameOf(id, old)} would be generated anew, since GenerateSecretString changes: leave it as it was`]
    : [];

interface Index {
  readonly IndexName?: string;
  readonly KeySchema?: unknown;
  readonly Projection?: unknown;
}

const reindexed = (id: string, old: JudgedResource, now: JudgedResource): string[] => {
  const [before, after] = [indexesOf(old), indexesOf(now)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changed = names.filter((name) => !isDeepStrictEqual(shapeOf(before.get(name)), shapeOf(after.get(name))));
  const inPlace = changed.filter((name) => before.has(name) && after.has(name));
  if (inPlace.length > 0) {
    return [`${nameOf(id, old)}: index ${inPlace} cannot change: add one of another name, then remove this one later`];
  }
  if (changed.length < 2) return [];
  return [`${nameOf(id, old)}: ${changed.join(', ')} change at once; a table takes one index at a time: release twice`];
};

const indexesOf = ({ Properties }: JudgedResource): ReadonlyMap<string, Index> =>
  new Map(
    ((Properties?.GlobalSecondaryIndexes ?? []) as Index[]).map((index) => [index.IndexName ?? '', index] as const),
  );

/** What of an index only a new one can have; capacity may change. */
const shapeOf = (index: Index | undefined) => index && { key: index.KeySchema, projection: index.Projection };

const nameOf = (id: string, { Type }: JudgedResource): string => `${id} (${Type})`;
