import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'unprocessed-keys-ignored',
  harm: 'falsifies',
  changes: [
    {
      file: 'functions/shared/adapters/dynamo-decision-store-read.ts',
      find: '    open = page.UnprocessedKeys?.[tableName]?.Keys ?? [];',
      replace: '    open = [];',
    },
  ],
  groups: ['dynamodb'],
};
