import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'version-dropped',
  harm: 'loses',
  changes: [
    {
      file: 'functions/shared/domain/file-id.ts',
      find: 'export const fileIdOf = (bucket: string, key: string, versionId: string): string => idOf(bucket, key, versionId);',
      replace:
        'export const fileIdOf = (bucket: string, key: string, _versionId: string): string => idOf(bucket, key);',
    },
  ],
  groups: ['s3'],
};
