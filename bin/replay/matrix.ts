import type { EventType, Variable } from '#domain/catalog/event-type.ts';
import type { FeaturePlan } from '#features/history/compile.ts';
import { modelValuesOf } from '#features/values.ts';
import type { ParquetColumn, ParquetRow } from '../../functions/lake/parquet.ts';
import type { ReplayedEvent } from './replay.ts';

/** Columns before the variables, and behind the features: named so that the matrix can be read as feedback, too. */
const HEAD = [
  { name: 'event_id', type: 'string', optional: false },
  { name: 'occurred_at', type: 'timestamp', optional: false },
] as const satisfies readonly ParquetColumn[];
const TAIL = [
  { name: 'event_label', type: 'string', optional: true },
  { name: 'label_timestamp', type: 'timestamp', optional: true },
] as const satisfies readonly ParquetColumn[];

/**
 * Columns of the matrix of an event type: the event, its variables and features as models see them, its label.
 *
 * @throws {Error} when a variable or feature has the name of one of the others.
 */
export const matrixColumnsOf = (
  { eventType, variables: declared }: EventType,
  { variables: features }: Pick<FeaturePlan, 'variables'>,
): readonly ParquetColumn[] => {
  const taken = [...HEAD, ...TAIL].map(({ name }) => name);
  const clash = [...Object.keys(declared), ...features.keys()].find((name) => taken.some((other) => other === name));
  if (clash) {
    throw new Error(`'${clash}' of event type '${eventType}' is a column of every matrix; give it another name`);
  }
  return [
    ...HEAD,
    ...Object.entries(declared).map(
      ([name, variable]): ParquetColumn => ({ name, type: columnTypeOf(variable), optional: true }),
    ),
    ...[...features].map(([name, { type }]): ParquetColumn => ({ name, type: FEATURE_TYPES[type], optional: true })),
    ...TAIL,
  ];
};

/** Datetimes are ISO strings to models. */
const FEATURE_TYPES = { number: 'double', boolean: 'boolean', string: 'string', datetime: 'string' } as const;

const columnTypeOf = ({ type, personal }: Variable): ParquetColumn['type'] => {
  // Of a personal variable, everybody behind the door sees a token.
  if (personal) return 'string';
  if (type === 'number' || type === 'integer' || type === 'money') return 'double';
  return type === 'boolean' ? 'boolean' : 'string';
};

/** A replayed event as a row of the matrix; a column that it has no value for is missing. */
export const matrixRowOf = ({ event, atMs, features, label }: ReplayedEvent): ParquetRow => ({
  ...modelValuesOf(event, features),
  event_id: event.eventId,
  occurred_at: new Date(atMs),
  event_label: label?.label ?? null,
  label_timestamp: label ? new Date(label.saidAt) : null,
});
