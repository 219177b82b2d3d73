import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'retry-without-the-token',
  harm: 'doubles',
  changes: [
    {
      file: 'functions/shared/adapters/dynamo-decision-store-commit.ts',
      find: '  const input = { TransactItems: [...actions], ClientRequestToken: requestTokenOf(actions, salt) };',
      replace: '  const input = { TransactItems: [...actions] };',
    },
  ],
  groups: ['dynamodb'],
};
