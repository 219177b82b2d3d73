import { type StreamHandler, type StreamOptions, streamHandler } from '#runtime/stream-handler.ts';
import { type LandingPorts, landRecords } from '../land-records.ts';

/** Brings what is committed to the lake. */
export const createHandler = (
  ports: Omit<LandingPorts, 'metrics'>,
  options: Omit<StreamOptions, 'name'> = {},
): StreamHandler =>
  streamHandler({ name: 'lake-collect', ...options }, async (records, { deadline, metrics }) => {
    await landRecords(records, deadline, { ...ports, metrics });
    return undefined;
  });
