import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'accepted-nan',
  harm: 'falsifies',
  changes: [
    {
      file: 'functions/shared/adapters/sagemaker-answer.ts',
      find: 'return value !== undefined && value >= 0 && value <= 1 ? value : undefined;',
      replace: 'return value !== undefined && (value < 0 || value > 1) ? undefined : value;',
    },
    {
      file: 'functions/shared/adapters/sagemaker-answer.ts',
      find: 'return NUMBER.test(trimmed) ? Number(trimmed) : undefined;',
      replace: 'return Number(trimmed);',
    },
  ],
  groups: ['sagemaker'],
};
