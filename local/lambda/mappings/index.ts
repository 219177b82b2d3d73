import { DeploymentError } from '../../errors.ts';
import type { ResourceProvider } from '../../resources.ts';
import { type Mapping, type MappingDescription, readMapping } from './definition.ts';
import type { Feed, FeedContext } from './feed.ts';
import { openPositions } from './positions.ts';
import { createQueueFeed } from './queue-feed.ts';
import { createStreamFeed } from './stream-feed.ts';

/** The event source mappings of the templates. */
export interface Mappings {
  readonly resources: readonly ResourceProvider[];
  describe(): readonly MappingDescription[];
  /** @throws {DeploymentError} for a mapping that AWS would refuse to create. */
  start(): Promise<void>;
  /** Takes nothing more; what is in hand goes on. */
  stop(): void;
  drained(): Promise<void>;
  close(): void;
}

/** @param directory - where positions in streams are kept. */
export const createMappings = (directory: string, context: FeedContext): Mappings => {
  const { host } = context;
  const positions = openPositions(directory);
  const mappings = new Map<string, Mapping>();
  let feeds: Feed[] = [];

  const arnOf = (id: string): string => `arn:aws:lambda:${host.region}:${host.accountId}:event-source-mapping:${id}`;

  const provider: ResourceProvider = {
    type: 'AWS::Lambda::EventSourceMapping',
    deploy(resource) {
      if (feeds.length > 0) throw new DeploymentError('mappings are deployed before the cloud starts; start it again');
      const mapping = readMapping(resource);
      mappings.set(mapping.id, mapping);
      return { physicalId: mapping.id, attributes: { Id: mapping.id, EventSourceMappingArn: arnOf(mapping.id) } };
    },
    remove({ physicalId }) {
      mappings.delete(physicalId);
    },
  };

  const feedOf = (mapping: Mapping): Feed =>
    mapping.source === 'queue' ? createQueueFeed(mapping, context) : createStreamFeed(mapping, positions, context);

  return {
    resources: [provider],
    describe: () =>
      [...mappings.values()].map((mapping) => ({
        UUID: mapping.id,
        EventSourceArn: mapping.sourceArn,
        FunctionArn: context.functionOf(mapping.functionName).definition.arn,
        BatchSize: mapping.batchSize,
        State: mapping.enabled ? 'Enabled' : 'Disabled',
      })),
    async start() {
      const prepared = [...mappings.values()].filter(({ enabled }) => enabled).map(feedOf);
      for (const feed of prepared) await feed.prepare();
      feeds = prepared;
      for (const feed of feeds) feed.start();
    },
    stop() {
      for (const feed of feeds) feed.stop();
    },
    async drained() {
      await Promise.all(feeds.map((feed) => feed.drained()));
    },
    close: () => positions.close(),
  };
};
