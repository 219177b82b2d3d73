import type { Detector } from './catalog/detector.ts';
import { type Decision, type MemberAnswer, RUNGS, type Rung } from './decision.ts';

/**
 * The rung that the members' answers leave an event on, before the rules have run.
 *
 * `full` while every member answered (or the detector has none), `rules` when none did, `embedded` when a single
 * embedded member is all that is left, `survivors` otherwise. The kill switch leaves the rules alone.
 */
export const rungOf = (answers: readonly MemberAnswer[], rulesOnly: boolean): Rung => {
  const survivors = answers.filter(({ probability }) => probability !== undefined);
  if (rulesOnly || (survivors.length === 0 && answers.length > 0)) return 'rules';
  if (survivors.length === answers.length) return 'full';
  return survivors.length === 1 && survivors[0]?.kind === 'embedded' ? 'embedded' : 'survivors';
};

/** Whether a rung is this one or a lower one. */
export const isAtOrBelow = (rung: Rung, mark: Rung): boolean => RUNGS.indexOf(rung) >= RUNGS.indexOf(mark);

/**
 * What is done with an event: the outcomes of its rules, or of the detector's `otherwise` when none matched, or of
 * its fallback when the rules could not run; and behind them what the detector adds on this rung. Each once.
 *
 * @param blind - true when a list or a score that rules ask could not be had: what the detector adds when it is degraded
 *   is added on every rung then, since a rule may have missed whom it is there for.
 */
export const outcomesOf = (
  { rules, fallback, whenDegraded }: Pick<Detector, 'rules' | 'fallback' | 'whenDegraded'>,
  rung: Rung,
  matched: readonly string[],
  blind = false,
): string[] => {
  const chosen = rung === 'fallback' ? (fallback ?? rules.otherwise) : matched.length > 0 ? matched : rules.otherwise;
  const added = whenDegraded && (blind || isAtOrBelow(rung, whenDegraded.from)) ? whenDegraded.outcomes : [];
  return [...new Set([...chosen, ...added])];
};

/** Bytes of JSON that the texts of all evaluated rules may take together: a record must fit one item of its store. */
const MOST_RULE_BYTES = 130_000;
const ELLIPSIS = '…';

/**
 * Evaluations whose texts fit a record. Where they are too long together, each is cut to an equal share, with an
 * ellipsis; the rules themselves stand in the catalog that the record names.
 */
export const fittingRules = (rules: Decision['rules']): Decision['rules'] => {
  const bytes = rules.reduce((sum, rule) => sum + bytesOf(rule.expression) + bytesOf(rule.expressionWithValues), 0);
  if (bytes <= MOST_RULE_BYTES) return rules;
  const share = Math.floor(MOST_RULE_BYTES / (2 * rules.length));
  return rules.map((rule) => ({
    ...rule,
    expression: cutTo(share, rule.expression),
    expressionWithValues: cutTo(share, rule.expressionWithValues),
  }));
};

/** As JSON has it, where a control character takes six bytes. */
const bytesOf = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2;

const cutTo = (most: number, text: string): string => {
  if (bytesOf(text) <= most) return text;
  const room = most - bytesOf(ELLIPSIS);
  let kept = text;
  for (let bytes = bytesOf(kept); bytes > room; bytes = bytesOf(kept)) {
    kept = kept.slice(0, Math.floor((kept.length * room) / bytes)).toWellFormed();
  }
  return kept + ELLIPSIS;
};
