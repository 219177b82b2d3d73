import { isReservedName } from '#domain/canary.ts';
import type { Detector, Member } from '#domain/catalog/detector.ts';
import type { ListHead, Model } from '#domain/catalog/documents.ts';
import type { EventType } from '#domain/catalog/event-type.ts';
import { featuresIn } from '#features/history/definition-resolve.ts';
import { compiledOr } from '#features/report-rule.ts';
import { insightScoreName } from '#features/rule-context.ts';
import { ruleScopeOf } from '#features/rule-scope.ts';
import { compileCondition, type RuleScope, type RuleVariable } from '#rules/compile.ts';
import { nearestName } from '#rules/suggest.ts';
import { membershipsOf } from './memberships.ts';
import type { Report } from './report.ts';

/** What a detector may refer to. */
export interface DetectorSurroundings {
  readonly eventTypes: ReadonlyMap<string, EventType>;
  /** By name; of a model with several documents, all of them. */
  readonly models: ReadonlyMap<string, readonly Model[]>;
  readonly lists: ReadonlyMap<string, Pick<ListHead, 'of'>>;
}

/** Checks a detector against its event type, models and lists. */
export const checkDetector = (detector: Detector, around: DetectorSurroundings, report: Report): void => {
  const eventType = around.eventTypes.get(detector.eventType);
  if (!eventType) {
    report(
      ['eventType'],
      `there is no event type '${detector.eventType}'`,
      didYouMean(detector.eventType, [...around.eventTypes.keys()]),
    );
    return;
  }
  if (isReservedName(detector.eventType) && !isReservedName(detector.detector)) {
    report(['eventType'], "events of this type are the system's own", 'judge an event type of yours');
  }
  const features = featuresIn(around.eventTypes, eventType);
  for (const [index, member] of detector.members.entries()) {
    const inputs = { variables: eventType.variables, features: features.variables };
    checkMember(member, index, { detector, inputs, models: around.models }, report);
  }
  const scope = ruleScopeOf(eventType, detector, around.lists.keys(), features.variables);
  const domainOf = (name: string) => features.tokenDomains.get(name) ?? tokenDomainOf(name, eventType);
  const ids = new Set<string>();
  for (const [index, { id, when }] of detector.rules.list.entries()) {
    if (ids.has(id))
      report(['rules', 'list', index, 'id'], `rule '${id}' is there already`, 'give each rule its own id');
    ids.add(id);
    checkRule(when, index, scope, report);
    checkLists(when, index, { domainOf, scope, lists: around.lists }, report);
  }
};

const didYouMean = (name: string, candidates: readonly string[]): string => {
  const meant = nearestName(name, candidates);
  if (meant !== undefined) return `did you mean '${meant}'?`;
  return candidates.length > 0 ? `use one of ${candidates.join(', ')}` : 'add it to the catalog';
};

const checkMember = (
  member: Member,
  index: number,
  { detector, inputs, models }: { detector: Detector; inputs: KnownInputs; models: DetectorSurroundings['models'] },
  report: Report,
): void => {
  const at = (...rest: (string | number)[]) => ['members', index, ...rest];
  if (detector.members.findIndex(({ name }) => name === member.name) < index) {
    report(at('name'), `member '${member.name}' is there already`, 'give each member its own name');
  }
  if (Object.hasOwn(inputs.variables, insightScoreName(member.name))) {
    report(at('name'), `its score has the name of variable '${insightScoreName(member.name)}'`, 'rename the member');
  }
  if (member.kind === 'embedded') checkModelOf(member, at, { detector, models }, report);
  else for (const [input, name] of member.inputs.entries()) checkInput(name, at('inputs', input), inputs, report);
};

const checkModelOf = (
  { model: name, version }: Extract<Member, { kind: 'embedded' }>,
  at: (...rest: (string | number)[]) => (string | number)[],
  { detector, models }: { detector: Detector; models: DetectorSurroundings['models'] },
  report: Report,
): void => {
  const documents = models.get(name);
  if (!documents) {
    report(at('model'), `there is no model '${name}'`, didYouMean(name, [...models.keys()]));
    return;
  }
  const other = documents.find(({ eventType }) => eventType !== detector.eventType);
  if (other) {
    report(at('model'), `model '${name}' is for event type '${other.eventType}'`, 'use a model of the same event type');
  }
  const versions = documents.map((document) => document.version);
  if (version !== undefined && !versions.includes(undefined) && !versions.includes(version)) {
    report(at('version'), `the catalog has no version ${version} of '${name}'`, `use one of ${versions.join(', ')}`);
  }
};

/** What models may be given: variables, and features as rules see them. */
export interface KnownInputs {
  readonly variables: EventType['variables'];
  readonly features: ReadonlyMap<string, RuleVariable>;
}

/** Checks that a model can be given a variable or a feature. */
export const checkInput = (
  name: string,
  path: readonly (string | number)[],
  { variables, features }: KnownInputs,
  report: Report,
): void => {
  const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
  const feature = features.get(name);
  if (!variable && !feature) {
    const known = [...Object.keys(variables), ...features.keys()];
    report(path, `the event type has no variable '${name}'`, didYouMean(name, known));
  } else if (variable?.personal || feature?.token) {
    const problem = `'${name}' is ${feature ? 'a token, which' : 'personal: a token'} means nothing to a model`;
    report(path, problem, 'leave it out, or derive a variable from it');
  }
};

const checkRule = (when: string, index: number, scope: RuleScope, report: Report): void => {
  compiledOr(() => compileCondition(when, scope), ['rules', 'list', index, 'when'], 'rule', report);
};

/** Checks that lists of tokens are asked about what their tokens are made of: others would never match, silently. */
const checkLists = (
  when: string,
  index: number,
  {
    domainOf,
    scope,
    lists,
  }: {
    domainOf: (name: string) => string | undefined;
    scope: RuleScope;
    lists: ReadonlyMap<string, Pick<ListHead, 'of'>>;
  },
  report: Report,
): void => {
  for (const { variable, list: listName } of membershipsOf(when)) {
    const list = lists.get(listName);
    // What is not known at all has been told of already.
    if (!list || variable === undefined || !scope.variables.has(variable)) continue;
    const domain = domainOf(variable);
    if (list.of === domain) continue;
    const problem = `$${variable} holds ${domain ? `tokens of '${domain}'` : 'plain values'}, and list '${listName}' ${list.of ? `tokens of '${list.of}'` : 'plain values'}: they never match`;
    const remedy = domain ? `write 'of: ${domain}' in the list` : `remove 'of' from the list`;
    report(['rules', 'list', index, 'when'], problem, remedy);
  }
};

/** What the tokens of an entity or a personal variable are made of; undefined where a variable is plain. */
export const tokenDomainOf = (name: string, { entities, variables }: EventType): string | undefined => {
  if (Object.hasOwn(entities, name)) return entities[name];
  const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
  return variable?.personal ? variable.type : undefined;
};
