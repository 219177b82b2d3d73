import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'accepted-out-of-range',
  harm: 'falsifies',
  changes: [
    {
      file: 'functions/shared/adapters/sagemaker-answer.ts',
      find: 'return value !== undefined && value >= 0 && value <= 1 ? value : undefined;',
      replace: 'return value;',
    },
  ],
  groups: ['sagemaker'],
};
