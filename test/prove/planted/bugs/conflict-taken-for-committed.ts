import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'conflict-taken-for-committed',
  harm: 'doubles',
  changes: [
    {
      file: 'functions/shared/adapters/dynamo-decision-store.ts',
      find: '    return new Set(outcome.failed.map((index) => actions[index]!.eventId));',
      replace: '    return new Set();',
    },
  ],
  groups: ['reordering', 'duplicates', 'dynamodb'],
};
