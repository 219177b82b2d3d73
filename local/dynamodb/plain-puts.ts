/*
 * Walking a transaction with dynalite's notation of shapes takes as long as writing it. Nearly all transactions put
 * items of texts, numbers and flags and nothing else, which can be told in a fraction of that time.
 */

const TABLE_NAME = /^[a-zA-Z0-9_.-]{3,255}$/;
const MOST_ACTIONS = 100;
const LONGEST_TOKEN = 36;
/** Far less than DynamoDB takes; what nests deeper is looked at closely. */
const MOST_LEVELS = 8;
/** A number as it will be stored: checking leaves it as it is. */
const NORMAL_NUMBER = /^(?:0|-?(?:[1-9]\d{0,14}|0(?=\.))(?:\.\d{0,14}[1-9])?)$/;
const CAPACITIES: ReadonlySet<unknown> = new Set([undefined, 'INDEXES', 'TOTAL', 'NONE']);

/**
 * Whether a body is a transaction of plain puts: one that dynalite's check of shapes would pass, and give back as it
 * is. False says nothing: the check has to tell.
 */
export const isPlainPuts = (body: object): boolean => {
  const {
    TransactItems: items,
    ClientRequestToken: token,
    ReturnConsumedCapacity: capacity,
    ...others
  } = body as Loose;
  return (
    Object.keys(others).length === 0 &&
    CAPACITIES.has(capacity) &&
    (token === undefined || (typeof token === 'string' && token.length >= 1 && token.length <= LONGEST_TOKEN)) &&
    Array.isArray(items) &&
    items.length >= 1 &&
    items.length <= MOST_ACTIONS &&
    items.every(isPlainAction)
  );
};

type Loose = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPlainAction = (action: unknown): boolean => {
  if (!isObject(action) || !isObject(action.Put) || Object.keys(action).length !== 1) return false;
  const { TableName: table, Item: item, ConditionExpression: condition, ...others } = action.Put;
  return (
    Object.keys(others).length === 0 &&
    typeof table === 'string' &&
    TABLE_NAME.test(table) &&
    (condition === undefined || typeof condition === 'string') &&
    isPlainItem(item, 1)
  );
};

const isPlainItem = (item: unknown, level: number): boolean => {
  if (!isObject(item)) return false;
  for (const name of Object.keys(item)) {
    if (name === '__proto__' || !isPlainValue(item[name], level)) return false;
  }
  return true;
};

const isPlainValue = (value: unknown, level: number): boolean => {
  if (!isObject(value)) return false;
  const [type, more] = Object.keys(value);
  if (type === undefined || more !== undefined) return false;
  const content = value[type];
  switch (type) {
    case 'S':
      return typeof content === 'string';
    case 'N':
      return typeof content === 'string' && NORMAL_NUMBER.test(content);
    case 'BOOL':
      return typeof content === 'boolean';
    case 'M':
      return level < MOST_LEVELS && isPlainItem(content, level + 1);
    case 'L':
      return level < MOST_LEVELS && Array.isArray(content) && content.every((one) => isPlainValue(one, level + 1));
    default:
      return false;
  }
};
