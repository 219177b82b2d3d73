import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'breaker-never-opens',
  harm: 'wastes',
  changes: [
    {
      file: 'functions/shared/adapters/sagemaker-breaker.ts',
      find: `    if (this.#openUntilMs === undefined) return true;
`,
      replace: `    if (this.#openUntilMs === undefined || nowMs > 0) return true;
`,
    },
  ],
  groups: ['outage-sagemaker'],
};
