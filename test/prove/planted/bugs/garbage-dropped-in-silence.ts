import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'garbage-dropped-in-silence',
  harm: 'loses',
  changes: [
    {
      file: 'functions/ingestion/notification.ts',
      find: 'export const NotificationSchema = z.object({ Records: z.array(EntrySchema).min(1) });',
      replace: 'export const NotificationSchema = z.object({ Records: z.array(EntrySchema).default([]) });',
    },
  ],
  groups: ['s3'],
};
