import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'pages-outside-the-transaction',
  harm: 'doubles',
  changes: [
    {
      file: 'functions/shared/adapters/dynamo-page-moves.ts',
      find: '    const outcome = await commitTransaction(client, [...writes, ...updates], deadline, options);',
      replace: `    if (updates.length > 0) {
      await commitTransaction(client, updates, deadline, { ...options, salt: String(Math.random()) });
    }
    const outcome = await commitTransaction(client, writes, deadline, options);`,
    },
  ],
  groups: ['history'],
};
