import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'checkpoint-before-the-send',
  harm: 'loses',
  changes: [
    {
      file: 'functions/ingestion/send-slices.ts',
      find: '  const failed = await queue.send(chunks, ordering, deadline);',
      replace: `  await ports.ledger.update(
    behind(record, { rows: slices.at(-1)!.through, chunks: chunks.length, bad: slices.flatMap(({ bad }) => bad) }),
    owner,
  );
  const failed = await queue.send(chunks, ordering, deadline);`,
    },
  ],
  groups: ['outage-sqs'],
};
