import type { Report } from '#domain/catalog/report.ts';
import { RuleError } from '#rules/compile.ts';

/**
 * What compiling an expression gives. One that cannot be compiled is reported, with its place and what would mend it.
 *
 * @param path - to the expression.
 * @param noun - what the expression is called in the message.
 */
export const compiledOr = <Compiled>(
  compile: () => Compiled,
  path: readonly (string | number)[],
  noun: string,
  report: Report,
): Compiled | undefined => {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const { reason, column, line, suggestion = 'see docs/rule-language.md' } = error;
    const where = line > 1 ? `line ${line}, column ${column}` : `column ${column}`;
    report(path, `${reason} (${where} of the ${noun})`, suggestion, { linesBelow: line - 1 });
    return undefined;
  }
};
