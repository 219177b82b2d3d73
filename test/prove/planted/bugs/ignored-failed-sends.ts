import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'ignored-failed-sends',
  harm: 'loses',
  changes: [
    {
      file: 'functions/shared/adapters/sqs-chunk-queue.ts',
      find: '      return batch.filter((chunk) => !taken.has(entryId(chunk)));',
      replace: '      return taken.size > 0 ? [] : batch;',
    },
  ],
  groups: ['outage-sqs', 'dynamodb'],
};
