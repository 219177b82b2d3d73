import { expect, test } from '@jest/globals';

import { invokeFunction } from '../../support/invoke-function.ts';
import { logLinesOf } from '../../support/log-lines.ts';
import type { TestSystem } from '../../support/system.ts';

/** What the system sends itself. */
export const canary = (running: () => TestSystem): void => {
  test('the canary is decided as expected by API and by file, and counts as no traffic', async () => {
    const decidedBefore = countedIn(running());

    const report = await invokeFunction(running(), 'CanaryFunction');

    expect(report).toEqual({ failed: [] });
    const lines = logLinesOf(running());
    expect(lines.filter(({ service, CanaryRuns }) => service === 'canary' && CanaryRuns)).toHaveLength(1);
    expect(lines.some(({ CanaryFailed }) => CanaryFailed)).toBe(false);
    expect(countedIn(running())).toEqual(decidedBefore);
    expect(lines.some(({ message }) => message === 'file complete')).toBe(true);
  });
};

/** Figures of traffic, in all functions together. */
const countedIn = (system: TestSystem): Readonly<Record<string, number>> => {
  const names = [
    'EventsAccepted',
    'EventsDecided',
    'EventsDuplicate',
    'DecisionsMade',
    'RowsQuarantined',
    'FilesCompleted',
  ];
  const lines = logLinesOf(system);
  const sum = (name: string) =>
    lines.reduce(
      (total, line) => total + [line[name]].flat().reduce((all: number, each) => all + Number(each ?? 0), 0),
      0,
    );
  return Object.fromEntries(names.map((name) => [name, sum(name)]));
};
