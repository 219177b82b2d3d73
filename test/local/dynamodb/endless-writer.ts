import { createDynamoDb } from '#local/dynamodb/index.ts';

/*
 * Run by the durability test as a process of its own, to be killed at any moment. Each transaction
 * adds one to 40 counters and puts one event; its number is printed once it is acknowledged. So many
 * that the process is nearly always in the middle of one.
 */
const service = createDynamoDb({ directory: process.argv[2]!, region: 'eu-west-1', accountId: '123456789012' });
service.createTable({
  TableName: 'Ledger',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
});

const count = (id: string) => ({
  Update: {
    TableName: 'Ledger',
    Key: { id: { S: id } },
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  },
});

const counters = Array.from({ length: 40 }, (_, at) => count(`counter${at}`));

for (let at = 1; ; at += 1) {
  const event = { Put: { TableName: 'Ledger', Item: { id: { S: `event${at}` } } } };
  const { status } = service.handle('TransactWriteItems', {
    TransactItems: [event, ...counters],
    ClientRequestToken: `token${at}`,
  });
  if (status !== 200) process.exit(1);
  process.stdout.write(`${at}\n`);
}
