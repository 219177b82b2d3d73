import { DeploymentError } from '../errors.ts';

/** What the functions of a template look things up in. */
export interface Scope {
  /** A pseudo parameter, a parameter or a resource's physical id; `NO_VALUE` for AWS::NoValue. */
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  importValue(name: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, topKey: string, secondKey: string): unknown;
  readonly region: string;
}

/** Stands for a property or list element that is to be left out. */
export const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Replaces every intrinsic function in a value by what it stands for. What resolves to AWS::NoValue is left out.
 *
 * @throws {DeploymentError} for a function that is not known here, or one with arguments of the wrong shape.
 */
export const resolveValue = (value: unknown, scope: Scope): unknown => {
  if (typeof value === 'string') return withoutDynamicReference(value);
  if (Array.isArray(value)) return value.map((item) => resolveValue(item, scope)).filter((item) => item !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;

  const call = callIn(value);
  if (call) return call.evaluate(call.argument, scope);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]): [string, unknown] => [key, resolveValue(item, scope)])
      .filter(([, item]) => item !== NO_VALUE),
  );
};

type Evaluate = (argument: unknown, scope: Scope) => unknown;

const callIn = (value: object): { evaluate: Evaluate; argument: unknown } | undefined => {
  const [name, ...others] = Object.keys(value);
  if (name === undefined || others.length > 0) return undefined;
  const evaluate = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (evaluate) return { evaluate, argument: (value as Record<string, unknown>)[name] };
  if (name.startsWith('Fn::')) throw new DeploymentError(`the function ${name} is not emulated`);
  return undefined;
};

const withoutDynamicReference = (text: string): string => {
  if (!text.includes('{{resolve:')) return text;
  throw new DeploymentError(
    'dynamic references ({{resolve:…}}) are not emulated; let the function read the value itself',
  );
};

const FUNCTIONS: Readonly<Record<string, Evaluate>> = {
  Ref: (argument, scope) => scope.ref(textOf(argument, 'Ref')),

  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, attribute] = attributeIn(argument, scope);
    return scope.attribute(logicalId, attribute);
  },

  'Fn::Sub': (argument, scope) => {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    return textOf(text, 'Fn::Sub').replace(SUBSTITUTION, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      const own = variables as Record<string, unknown>;
      if (Object.hasOwn(own, name)) return textOf(resolveValue(own[name], scope), 'Fn::Sub');
      const dot = name.indexOf('.');
      const value = dot < 0 ? scope.ref(name) : scope.attribute(name.slice(0, dot), name.slice(dot + 1));
      return textOf(value, 'Fn::Sub');
    });
  },

  'Fn::Join': (argument, scope) => {
    const [separator, parts] = pairOf(argument, 'Fn::Join');
    return listOf(resolveValue(parts, scope), 'Fn::Join')
      .map((part) => textOf(part, 'Fn::Join'))
      .join(textOf(separator, 'Fn::Join'));
  },

  'Fn::Split': (argument, scope) => {
    const [separator, text] = pairOf(argument, 'Fn::Split');
    return textOf(resolveValue(text, scope), 'Fn::Split').split(textOf(separator, 'Fn::Split'));
  },

  'Fn::Select': (argument, scope) => {
    const [index, source] = pairOf(argument, 'Fn::Select');
    const list = listOf(resolveValue(source, scope), 'Fn::Select');
    const chosen = list[Number(resolveValue(index, scope))];
    if (chosen === undefined) throw new DeploymentError(`Fn::Select: there is no element ${String(index)}`);
    return chosen;
  },

  'Fn::If': (argument, scope) => {
    const [condition, then, otherwise] = listOf(argument, 'Fn::If');
    return resolveValue(scope.condition(textOf(condition, 'Fn::If')) ? then : otherwise, scope);
  },

  'Fn::ImportValue': (argument, scope) => scope.importValue(textOf(resolveValue(argument, scope), 'Fn::ImportValue')),

  'Fn::FindInMap': (argument, scope) => {
    const [map, topKey, secondKey] = listOf(resolveValue(argument, scope), 'Fn::FindInMap');
    return scope.mapping(
      textOf(map, 'Fn::FindInMap'),
      textOf(topKey, 'Fn::FindInMap'),
      textOf(secondKey, 'Fn::FindInMap'),
    );
  },

  'Fn::Base64': (argument, scope) =>
    Buffer.from(textOf(resolveValue(argument, scope), 'Fn::Base64')).toString('base64'),

  'Fn::GetAZs': (argument, scope) => {
    const region = textOf(resolveValue(argument, scope), 'Fn::GetAZs') || scope.region;
    return ['a', 'b', 'c'].map((zone) => region + zone);
  },

  'Fn::Equals': (argument, scope) => {
    const [one, other] = pairOf(resolveValue(argument, scope), 'Fn::Equals');
    return JSON.stringify(one) === JSON.stringify(other);
  },
  'Fn::Not': (argument, scope) => !truths(argument, scope, 'Fn::Not')[0],
  'Fn::And': (argument, scope) => truths(argument, scope, 'Fn::And').every(Boolean),
  'Fn::Or': (argument, scope) => truths(argument, scope, 'Fn::Or').some(Boolean),
};

const SUBSTITUTION = /\$\{(!?)([^}]+)\}/g;

/** Whether a condition holds; `{"Condition": name}` refers to another one. */
export const resolveCondition = (value: unknown, scope: Scope): boolean => {
  if (typeof value === 'object' && value !== null && 'Condition' in value) {
    return scope.condition(textOf(value.Condition, 'Condition'));
  }
  const result = resolveValue(value, scope);
  if (typeof result === 'boolean') return result;
  throw new DeploymentError('a condition must be made of Fn::Equals, Fn::Not, Fn::And, Fn::Or or another condition');
};

const truths = (argument: unknown, scope: Scope, where: string): boolean[] =>
  listOf(argument, where).map((item) => resolveCondition(item, scope));

/** The names that a value refers to by `Ref`, `Fn::GetAtt` or `Fn::Sub`: resources, parameters and pseudo parameters. */
export const referencesIn = (value: unknown): Set<string> => {
  const found = new Set<string>();
  const visit = (item: unknown): void => {
    if (Array.isArray(item)) {
      item.forEach(visit);
      return;
    }
    if (typeof item !== 'object' || item === null) return;
    for (const [key, inner] of Object.entries(item)) {
      if (key === 'Ref' && typeof inner === 'string') found.add(inner);
      else if (key === 'Fn::GetAtt') found.add(String(Array.isArray(inner) ? inner[0] : inner).split('.')[0] ?? '');
      else if (key === 'Fn::Sub') for (const name of namesInSub(inner)) found.add(name);
      visit(inner);
    }
  };
  visit(value);
  return found;
};

const namesInSub = (argument: unknown): string[] => {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  return [...String(text).matchAll(SUBSTITUTION)]
    .filter(([, literal, name]) => !literal && !Object.hasOwn(variables as object, name ?? ''))
    .map(([, , name]) => (name ?? '').split('.')[0] ?? '');
};

const attributeIn = (argument: unknown, scope: Scope): [string, string] => {
  if (typeof argument === 'string') {
    const dot = argument.indexOf('.');
    return [argument.slice(0, dot), argument.slice(dot + 1)];
  }
  const [logicalId, attribute] = pairOf(argument, 'Fn::GetAtt');
  return [textOf(logicalId, 'Fn::GetAtt'), textOf(resolveValue(attribute, scope), 'Fn::GetAtt')];
};

const textOf = (value: unknown, where: string): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new DeploymentError(`${where}: text is expected where there is ${kindOf(value)}`);
};

const listOf = (value: unknown, where: string): unknown[] => {
  if (Array.isArray(value)) return value;
  throw new DeploymentError(`${where}: a list is expected where there is ${kindOf(value)}`);
};

const pairOf = (value: unknown, where: string): [unknown, unknown] => {
  const list = listOf(value, where);
  if (list.length === 2) return [list[0], list[1]];
  throw new DeploymentError(`${where}: takes two arguments`);
};

const kindOf = (value: unknown): string => {
  if (value === NO_VALUE) return 'AWS::NoValue';
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a value of kind ${typeof value}`;
};
