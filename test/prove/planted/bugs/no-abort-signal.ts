import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'no-abort-signal',
  harm: 'wastes',
  changes: [
    {
      file: 'functions/shared/adapters/sagemaker-members.ts',
      find: 'call((options) => sageMaker.send(command, options), {',
      replace: 'call(() => sageMaker.send(command), {',
    },
  ],
  groups: ['sagemaker'],
};
