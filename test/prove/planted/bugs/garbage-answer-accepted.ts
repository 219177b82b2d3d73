import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'garbage-answer-accepted',
  harm: 'falsifies',
  changes: [
    {
      file: 'functions/shared/adapters/sagemaker-answer.ts',
      find: 'return NUMBER.test(trimmed) ? Number(trimmed) : undefined;',
      replace: `const first = Number.parseFloat(trimmed);
  return Number.isNaN(first) ? undefined : first;`,
    },
  ],
  groups: ['sagemaker'],
};
