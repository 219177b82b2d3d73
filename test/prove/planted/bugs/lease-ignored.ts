import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'lease-ignored',
  harm: 'wastes',
  changes: [
    {
      file: 'functions/shared/adapters/dynamo-file-ledger.ts',
      find: `        'attribute_exists(pk) AND (attribute_not_exists(leaseOwner) OR leaseOwner = :owner OR leaseUntil <= :now)',`,
      replace: `        'attribute_exists(pk) AND (attribute_not_exists(leaseOwner) OR leaseOwner = :owner OR leaseUntil <= :now OR leaseUntil > :now)',`,
    },
  ],
  groups: ['s3'],
};
