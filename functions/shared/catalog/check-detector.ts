import { isReservedName } from '#domain/canary.ts';
import type { Detector, Member } from '#domain/catalog/detector.ts';
import type { ListHead, Model } from '#domain/catalog/documents.ts';
import type { EventType } from '#domain/catalog/event-type.ts';
import { insightScoreName } from '#features/rule-context.ts';
import { ruleScopeOf } from '#features/rule-scope.ts';
import { compileCondition, RuleError, type RuleScope } from '#rules/compile.ts';
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
  for (const [index, member] of detector.members.entries()) {
    checkMember(member, index, { detector, eventType, models: around.models }, report);
  }
  const scope = ruleScopeOf(eventType, detector, around.lists.keys());
  const ids = new Set<string>();
  for (const [index, { id, when }] of detector.rules.list.entries()) {
    if (ids.has(id))
      report(['rules', 'list', index, 'id'], `rule '${id}' is there already`, 'give each rule its own id');
    ids.add(id);
    checkRule(when, index, scope, report);
    checkLists(when, index, { eventType, scope, lists: around.lists }, report);
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
  { detector, eventType, models }: { detector: Detector; eventType: EventType; models: DetectorSurroundings['models'] },
  report: Report,
): void => {
  const at = (...rest: (string | number)[]) => ['members', index, ...rest];
  if (detector.members.findIndex(({ name }) => name === member.name) < index) {
    report(at('name'), `member '${member.name}' is there already`, 'give each member its own name');
  }
  if (Object.hasOwn(eventType.variables, insightScoreName(member.name))) {
    report(at('name'), `its score has the name of variable '${insightScoreName(member.name)}'`, 'rename the member');
  }
  if (member.kind === 'embedded') checkModelOf(member, at, { detector, models }, report);
  else for (const [input, name] of member.inputs.entries()) checkInput(name, at('inputs', input), eventType, report);
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

/** Checks that a model can be given a variable. */
export const checkInput = (
  name: string,
  path: readonly (string | number)[],
  { variables }: EventType,
  report: Report,
): void => {
  const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (!variable) report(path, `the event type has no variable '${name}'`, didYouMean(name, Object.keys(variables)));
  else if (variable.personal) {
    report(
      path,
      `'${name}' is personal: a token means nothing to a model`,
      'leave it out, or derive a variable from it',
    );
  }
};

const checkRule = (when: string, index: number, scope: RuleScope, report: Report): void => {
  try {
    compileCondition(when, scope);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const { reason, column, line, suggestion = 'see docs/rule-language.md' } = error;
    const where = line > 1 ? `line ${line}, column ${column}` : `column ${column}`;
    report(['rules', 'list', index, 'when'], `${reason} (${where} of the rule)`, suggestion, { linesBelow: line - 1 });
  }
};

/** Checks that lists of tokens are asked about what their tokens are made of: others would never match, silently. */
const checkLists = (
  when: string,
  index: number,
  {
    eventType,
    scope,
    lists,
  }: { eventType: EventType; scope: RuleScope; lists: ReadonlyMap<string, Pick<ListHead, 'of'>> },
  report: Report,
): void => {
  for (const { variable, list: listName } of membershipsOf(when)) {
    const list = lists.get(listName);
    // What is not known at all has been told of already.
    if (!list || variable === undefined || !scope.variables.has(variable)) continue;
    const domain = tokenDomainOf(variable, eventType);
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
