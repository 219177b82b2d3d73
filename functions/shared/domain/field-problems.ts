import type * as z from 'zod';

import { holdsCardNumber } from './card-numbers.ts';
import type { FieldProblem } from './errors.ts';

/** How many fields at fault one answer names: enough to mend a client, too few to fill a log. */
const MAX_PROBLEMS = 20;

/** Names that came with the input and are fit to be shown: a key may be anything, a card number even. */
const SHOWABLE = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

/** A name as it may be shown, or `?` where it is no plain name. */
export const showableName = (name: string): string => (SHOWABLE.test(name) && !holdsCardNumber(name) ? name : '?');

/** The fields at fault, the problem and the remedy of each, without any value of the input. */
export const fieldProblemsOf = (error: z.core.$ZodError): readonly FieldProblem[] =>
  error.issues.slice(0, MAX_PROBLEMS).map((issue) => ({ field: fieldOf(issue.path), problem: problemOf(issue) }));

const fieldOf = (path: readonly PropertyKey[]): string =>
  path.map((step) => (typeof step === 'number' ? String(step) : showableName(String(step)))).join('.');

const problemOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'unrecognized_keys') {
    return `leave out what is not known here: ${issue.keys.slice(0, MAX_PROBLEMS).map(showableName).join(', ')}`;
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return 'use one of the documented shapes';
  return issue.message;
};
