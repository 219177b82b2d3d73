import type { Report } from '#domain/catalog/report.ts';
import type { Event } from '#domain/event.ts';
import { type CompiledExpression, compileCondition } from '#rules/compile.ts';
import { parse } from '#rules/parser.ts';
import { printExpression } from '#rules/print.ts';
import { renameVariables } from '#rules/rename.ts';
import { compiledOr } from '../report-rule.ts';
import { describeName, type EventScope } from './definition-scope.ts';

/** A condition over the events of a history. */
export interface Condition {
  /** False where the condition has no value. */
  readonly holds: (event: Event) => boolean;
  /** In its canonical spelling, transforms by what they are instead of their names. */
  readonly text: string;
  /** What the variables that it reads are, by name. */
  readonly reads: Readonly<Record<string, string>>;
}

/** Compiles the `where` of a feature; undefined when it cannot be used, which is reported. */
export const conditionOf = (name: string, where: string, source: EventScope, report: Report): Condition | undefined => {
  const path = ['features', name, 'where'];
  const compiled = compiledOr(() => compileCondition(where, source.scope), path, 'condition', report);
  if (!compiled) return undefined;
  return { holds: holdsOf(compiled, source), text: textOf(where, source), reads: readsOf(compiled, source) };
};

const holdsOf =
  (compiled: CompiledExpression, { contextOf }: EventScope) =>
  (event: Event): boolean =>
    compiled.evaluate(contextOf(event)).value === true;

const textOf = (where: string, { transform }: EventScope): string =>
  printExpression(renameVariables(parse(where), (name) => transform(name)?.canonical ?? name));

const readsOf = ({ variables }: CompiledExpression, source: EventScope): Readonly<Record<string, string>> =>
  Object.fromEntries(
    variables.filter((name) => !source.transform(name)).map((name) => [name, describeName(name, source)]),
  );
