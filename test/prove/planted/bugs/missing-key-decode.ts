import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'missing-key-decode',
  harm: 'loses',
  changes: [
    {
      file: 'functions/ingestion/notification.ts',
      find: `return decodeURIComponent(encoded.replaceAll('+', ' '));`,
      replace: 'return encoded;',
    },
  ],
  groups: ['s3'],
};
