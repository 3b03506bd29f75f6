// The list of a client's documents as functions/documents answers it, for Node 20 with the AWS SDK v3: what the Rust
// function is measured beside. The same calls: `access` for credentials, then the rows beside the client's key.

import { createDecipheriv, createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { serve } from './runtime.mjs';

const installed = createRequire(`${process.env.PORTICO_NODE_MODULES}/x.js`);
const { LambdaClient, InvokeCommand } = installed('@aws-sdk/client-lambda');
const { DynamoDBClient, QueryCommand, GetItemCommand } = installed('@aws-sdk/client-dynamodb');
const { KMSClient, DecryptCommand } = installed('@aws-sdk/client-kms');

const { FN_ACCESS, TABLE_DATA, TABLE_KEYS, BENCH_LEAN } = process.env;
const ROWS_MAX = 100;
const READERS = ['client_member', 'client_admin', 'staff', 'partner'];

// Clients that need no grant are built once, before the first event.
const lambda = new LambdaClient({});
if (!BENCH_LEAN) {
  const { S3Client } = installed('@aws-sdk/client-s3');
  globalThis.s3 = new S3Client({ forcePathStyle: true });
}

serve(async (event) => {
  const { client } = event.pathParameters;
  const token = (event.cookies ?? []).find((cookie) => cookie.startsWith('__Host-s='))?.slice('__Host-s='.length);
  if (!token) return problem(401);
  const session = createHash('sha256').update(`session|${token}`).digest('hex');
  const asked = await lambda.send(
    new InvokeCommand({ FunctionName: FN_ACCESS, Payload: JSON.stringify([{ session, reach: 'client', client }]) }),
  );
  const [answer] = JSON.parse(Buffer.from(asked.Payload).toString());
  if (!answer.granted) return problem(answer.refused === 'not_theirs' ? 404 : 403);
  const { grant, keys } = answer.granted;
  if (!READERS.includes(grant.role)) return problem(403);
  const credentials = { accessKeyId: keys.key_id, secretAccessKey: keys.secret, sessionToken: keys.token };
  const dynamo = new DynamoDBClient({ credentials });
  const pk = `T#${grant.firm}#C#${client}`;
  const [rows, key] = await Promise.all([
    dynamo.send(
      new QueryCommand({
        TableName: TABLE_DATA,
        ConsistentRead: false,
        ScanIndexForward: false,
        Limit: ROWS_MAX,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: 'DOC#' } },
      }),
    ),
    dataKey(dynamo, credentials, pk, grant.firm, client),
  ]);
  const items = rows.Items.map((row) => facts(row, key, pk));
  const next = rows.LastEvaluatedKey ? rows.LastEvaluatedKey.sk.S.slice('DOC#'.length) : null;
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ items, next }),
    isBase64Encoded: false,
  };
});

async function dataKey(dynamo, credentials, pk, firm, client) {
  const wrapped = await dynamo.send(
    new GetItemCommand({ TableName: TABLE_KEYS, Key: { pk: { S: pk }, sk: { S: 'DEK#1' } } }),
  );
  const plain = await new KMSClient({ credentials }).send(
    new DecryptCommand({
      CiphertextBlob: wrapped.Item.wrapped.B,
      KeyId: wrapped.Item.key_id?.S,
      EncryptionContext: { firm, client },
    }),
  );
  return plain.Plaintext;
}

function facts(row, key, pk) {
  const found = {
    id: row.id.S,
    name: unseal(row.name_sealed.B, key, ['data', pk, row.sk.S, 'name']),
    project: row.project.S,
    category: row.category.S,
    size_bytes: Number(row.size_bytes.N),
    by: row.by.S,
    by_client: row.by_client.BOOL,
    visibility: row.visibility ? people(row.visibility.M) : 'company',
    asked_at: row.asked_at.S,
    state: row.state.S,
  };
  if (row.state.S === 'ready') {
    found.digest = row.digest.S;
    found.kind = row.kind.S;
    if (Number(row.pages.N) > 0) found.pages = Number(row.pages.N);
    if (Number(row.previews?.N ?? 0) > 0) found.previews = Number(row.previews.N);
    found.ready_at = row.ready_at.S;
  }
  found.version = Number(row.version.N);
  return found;
}

function people(visibility) {
  return { people: visibility.people.L.map((person) => person.S) };
}

function unseal(sealed, key, place) {
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(2, 14));
  const aad = [Buffer.from('P1')];
  for (const part of place) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(part));
    aad.push(length, Buffer.from(part));
  }
  decipher.setAAD(Buffer.concat(aad));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(14, -16)), decipher.final()]).toString();
}

function problem(status) {
  const headers = { 'content-type': 'application/problem+json' };
  return { statusCode: status, headers, body: JSON.stringify({ status }), isBase64Encoded: false };
}
