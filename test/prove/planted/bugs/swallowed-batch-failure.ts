import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'swallowed-batch-failure',
  harm: 'loses',
  changes: [
    {
      file: 'functions/shared/runtime/queue-handler.ts',
      find: `      metrics.count('MessagesReturned');
      return false;`,
      replace: `      metrics.count('MessagesReturned');
      return true;`,
    },
  ],
  groups: ['outage-dynamodb'],
};
