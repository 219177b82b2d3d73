import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'events-outside-the-transaction',
  harm: 'loses',
  changes: [
    {
      file: 'functions/shared/adapters/dynamo-decision-store.ts',
      find: `    const outcome = await commitWithMoves(
      dynamoDb,
      actions.map(({ write }) => write),`,
      replace: `    const events = actions.filter(({ write }) => write.Put?.Item?.contentHash);
    const decisions = actions.filter(({ write }) => !write.Put?.Item?.contentHash);
    if (events.length > 0 && decisions.length > 0) {
      const first = await commitWithMoves(
        dynamoDb,
        events.map(({ write }) => write),
        { ...pages, moves: [] },
        deadline,
      );
      if (first.kind === 'refused') return new Set(first.failed.map((index) => events[index]!.eventId));
    }
    const outcome = await commitWithMoves(
      dynamoDb,
      (events.length > 0 && decisions.length > 0 ? decisions : actions).map(({ write }) => write),`,
    },
  ],
  groups: ['kills'],
};
