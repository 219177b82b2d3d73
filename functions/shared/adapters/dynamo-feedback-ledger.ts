import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';

import { type Feedback, FeedbackSchema } from '#domain/feedback.ts';
import { mapSideBySide } from '#domain/side-by-side.ts';
import type { Deadline } from '#ports/clock.ts';
import type { FeedbackEntry, FeedbackLedger } from '#ports/feedback-ledger.ts';
import { eventPk, type Item, keyOf } from './dynamo-decision-store-items.ts';
import { type ExpiringTable, expiryOf } from './dynamo-table.ts';

const WHAT = 'the feedback table';
const AT_ONCE = 20;

/**
 * Feedback on DynamoDB: all that was said of an event shares a partition. The sort key is the entry's own hash, not a
 * time: what was said without a time is received at another one when it is said again.
 */
export class DynamoFeedbackLedger implements FeedbackLedger {
  readonly #options: ExpiringTable;

  constructor(options: ExpiringTable) {
    this.#options = options;
  }

  async add(entries: readonly FeedbackEntry[], deadline: Deadline): Promise<readonly ('recorded' | 'duplicate')[]> {
    const firsts = new Map<string, FeedbackEntry>();
    for (const entry of entries) if (!firsts.has(entryKey(entry))) firsts.set(entryKey(entry), entry);
    const ended = await mapSideBySide([...firsts.values()], AT_ONCE, (entry) => this.#put(entry, deadline));
    const byEntry = new Map([...firsts.values()].map((entry, index) => [entry, ended[index]!]));
    // Of one entry said several times in one delivery, the first counts.
    return entries.map((entry) => byEntry.get(entry) ?? 'duplicate');
  }

  async forEvent(eventType: string, eventId: string, deadline: Deadline): Promise<readonly Feedback[]> {
    const said = (await this.#itemsOf(eventType, eventId, deadline)).map(feedbackOf);
    return said.sort((left, right) => (positionOf(left) < positionOf(right) ? -1 : 1));
  }

  async originsOfEvent(eventType: string, eventId: string, deadline: Deadline): Promise<ReadonlySet<string>> {
    return new Set((await this.#itemsOf(eventType, eventId, deadline)).map(({ origin }) => origin?.S ?? ''));
  }

  async #itemsOf(eventType: string, eventId: string, deadline: Deadline): Promise<readonly Item[]> {
    const { dynamoDb, tableName, call } = this.#options;
    const items: Item[] = [];
    let from: Item | undefined;
    do {
      const command = () =>
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :said)',
          ExpressionAttributeValues: { ':pk': { S: eventPk(eventType, eventId) }, ':said': { S: ENTRY } },
          ExclusiveStartKey: from,
        });
      const page: QueryCommandOutput = await call((options) => dynamoDb.send(command(), options), {
        deadline,
        what: WHAT,
      });
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from);
    return items;
  }

  async originsOf(entries: readonly Feedback[], deadline: Deadline): Promise<ReadonlyMap<string, string>> {
    const { dynamoDb, tableName, call } = this.#options;
    const found = await mapSideBySide(entries, AT_ONCE, async (feedback) => {
      const command = () =>
        new GetItemCommand({ TableName: tableName, Key: keyOfEntry(feedback), ConsistentRead: true });
      const { Item } = await call((options) => dynamoDb.send(command(), options), { deadline, what: WHAT });
      return [feedback.feedbackId, Item?.origin?.S] as const;
    });
    return new Map(found.filter((pair): pair is [string, string] => pair[1] !== undefined));
  }

  async #put({ feedback, origin }: FeedbackEntry, deadline: Deadline): Promise<'recorded' | 'duplicate'> {
    const { dynamoDb, tableName, call } = this.#options;
    const Item = {
      ...keyOfEntry(feedback),
      v: { N: '1' },
      record: { S: JSON.stringify(feedback) },
      origin: { S: origin },
      expiresAt: { N: String(expiryOf(this.#options)) },
    };
    const command = () =>
      new PutItemCommand({
        TableName: tableName,
        Item,
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
    try {
      await call((options) => dynamoDb.send(command(), options), { deadline, what: WHAT });
      return 'recorded';
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // After a lost answer, or a delivery that is repeated, the entry on record is this delivery's own.
      return error.Item?.origin?.S === origin ? 'recorded' : 'duplicate';
    }
  }
}

const ENTRY = 'F#';

const keyOfEntry = ({ eventType, eventId, feedbackId }: Feedback): Item =>
  keyOf(eventPk(eventType, eventId), `${ENTRY}${feedbackId}`);

const entryKey = ({ feedback }: FeedbackEntry): string =>
  `${feedback.eventType}#${feedback.eventId}#${feedback.feedbackId}`;

const positionOf = ({ saidAt, feedbackId }: Feedback): string => `${saidAt}#${feedbackId}`;

const feedbackOf = (item: Item): Feedback => FeedbackSchema.parse(JSON.parse(item.record?.S ?? 'null'));
