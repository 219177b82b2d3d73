import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'own-decision-taken-for-a-rival',
  harm: 'doubles',
  changes: [
    {
      file: 'functions/scoring/commit-pending.ts',
      find: '  recorded !== undefined && originKey(recorded.origin) !== originKey(decision.origin);',
      replace: '  recorded !== undefined && decision.origin !== undefined;',
    },
    {
      file: 'functions/scoring/commit-pending.ts',
      find: `import { originKey } from '#domain/event.ts';`,
      replace: `import { originKey } from '#domain/event.ts';

void originKey;`,
    },
  ],
  groups: ['outage-dynamodb'],
};
