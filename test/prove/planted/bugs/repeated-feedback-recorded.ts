import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'repeated-feedback-recorded',
  harm: 'doubles',
  changes: [
    {
      file: 'functions/shared/adapters/dynamo-feedback-ledger.ts',
      find: `      return error.Item?.origin?.S === origin ? 'recorded' : 'duplicate';`,
      replace: "      return 'recorded';",
    },
  ],
  groups: ['load'],
};
