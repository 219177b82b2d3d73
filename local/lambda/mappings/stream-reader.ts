import { AwsError } from '../../errors.ts';
import { callJson } from '../../inside.ts';
import type { Host } from '../../resources.ts';
import type { Principal } from '../../service.ts';

/** A change of an item in the form in which Lambda gives it to a function. */
export interface StreamRecord {
  readonly eventID: string;
  readonly dynamodb: { readonly SequenceNumber: string; readonly ApproximateCreationDateTime: number };
  readonly [member: string]: unknown;
}

/** Reads the one shard of a stream in order, in the name of a role. */
export interface StreamReader {
  readonly shardId: string | undefined;
  /** Asks for what Lambda asks for when a mapping is created, and never again. @throws {AwsError} if it is refused. */
  checkGrants(principal: Principal): Promise<void>;
  /** Records behind a position, oldest first; none if there are none yet. @param position - empty for the beginning. */
  read(principal: Principal, position: string, most: number): Promise<readonly StreamRecord[]>;
}

interface ApiRecord extends StreamRecord {
  readonly userIdentity?: { readonly Type: string; readonly PrincipalId: string };
}

const MOST_RECORDS = 1000;
/** The way on from where one stands is lost, but the position itself still holds. */
const LOST = ['ExpiredIteratorException', 'TrimmedDataAccessException'];

export const createStreamReader = (host: Pick<Host, 'call'>, streamArn: string): StreamReader => {
  let shardId: string | undefined;
  let known: { readonly position: string; readonly iterator: string } | undefined;

  const call = <T>(principal: Principal, operation: string, input: Record<string, unknown>): Promise<T> =>
    callJson<T>(host, principal, 'dynamodb', `DynamoDBStreams_20120810.${operation}`, input);

  const shard = async (principal: Principal): Promise<string> => {
    if (shardId !== undefined) return shardId;
    const { StreamDescription } = await call<{ StreamDescription: { Shards: { ShardId: string }[] } }>(
      principal,
      'DescribeStream',
      { StreamArn: streamArn },
    );
    const [first] = StreamDescription.Shards;
    if (!first) throw new Error(`the stream ${streamArn} has no shard`);
    shardId = first.ShardId;
    return shardId;
  };

  const iteratorAt = async (principal: Principal, position: string): Promise<string> => {
    const at = { StreamArn: streamArn, ShardId: await shard(principal) };
    const open = async (where: Record<string, string>): Promise<string> =>
      (await call<{ ShardIterator: string }>(principal, 'GetShardIterator', { ...at, ...where })).ShardIterator;
    if (position === '') return open({ ShardIteratorType: 'TRIM_HORIZON' });
    return open({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position }).catch((error: unknown) => {
      // All up to the position has been trimmed: what there still is comes behind it.
      if (error instanceof AwsError && LOST.includes(error.code)) return open({ ShardIteratorType: 'TRIM_HORIZON' });
      throw error;
    });
  };

  return {
    get shardId() {
      return shardId;
    },
    async checkGrants(principal) {
      await call(principal, 'ListStreams', {});
    },
    async read(principal, position, most) {
      const iterator = known?.position === position ? known.iterator : await iteratorAt(principal, position);
      known = undefined;
      try {
        const { Records = [], NextShardIterator } = await call<{ Records?: ApiRecord[]; NextShardIterator?: string }>(
          principal,
          'GetRecords',
          { ShardIterator: iterator, Limit: Math.min(most, MOST_RECORDS) },
        );
        const last = Records.at(-1)?.dynamodb.SequenceNumber ?? position;
        if (NextShardIterator !== undefined) known = { position: last, iterator: NextShardIterator };
        return Records.map((record) => lambdaRecord(record, streamArn));
      } catch (error) {
        if (error instanceof AwsError && LOST.includes(error.code)) return [];
        throw error;
      }
    },
  };
};

const lambdaRecord = ({ userIdentity, ...record }: ApiRecord, eventSourceARN: string): StreamRecord => ({
  ...record,
  ...(userIdentity ? { userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId } } : {}),
  eventSourceARN,
});
