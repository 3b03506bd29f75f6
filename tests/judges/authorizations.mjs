// What IAM is asked for one call: its actions, resources and condition keys. An unknown operation is an error, so that
// no call is judged by less than AWS would look at.

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
export const PREFIX = 'portico';
export const BUCKET = `${PREFIX}-documents-${ACCOUNT}`;

const table = (name) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${PREFIX}-${name}`;
const MEMBERS = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem', ConditionCheck: 'ConditionCheckItem', Get: 'GetItem' };

export function authorizations(call, tables) {
  const judge = { dynamodb, kms, s3, sts, lambda, textract, sns }[call.service];
  if (!judge) throw new Error(`no adapter for ${call.service}`);
  return judge(call.op, call.body, tables);
}

function dynamodb(op, body, tables) {
  const one = (action, name, keys, extra = {}) => ({
    action: `dynamodb:${action}`,
    resource: table(name),
    context: { ...(keys.length ? { 'dynamodb:LeadingKeys': keys } : {}), ...extra },
  });
  const hash = (name, item) => [item[tables[name].pk].S];
  switch (op) {
    case 'GetItem':
    case 'DeleteItem':
      return [one(op, body.TableName, hash(body.TableName, body.Key))];
    case 'UpdateItem':
      return [one(op, body.TableName, hash(body.TableName, body.Key), touched(body))];
    case 'PutItem':
      return [one(op, body.TableName, hash(body.TableName, body.Item))];
    case 'Scan':
      return [one(op, body.TableName, [])];
    case 'ExecuteStatement':
      return [one('PartiQLSelect', body.TableName, [], { 'dynamodb:FullTableScan': 'true' })];
    case 'Query': {
      const schema = body.IndexName ? tables[body.TableName].indexes[body.IndexName] : tables[body.TableName];
      const asked = one(op, body.TableName, equality(body, schema.pk));
      if (body.IndexName) asked.resource += `/index/${body.IndexName}`;
      return [asked];
    }
    case 'BatchGetItem':
      return Object.entries(body.RequestItems).map(([name, wanted]) =>
        one(op, name, wanted.Keys.flatMap((key) => hash(name, key))));
    case 'BatchWriteItem':
      return Object.entries(body.RequestItems).map(([name, writes]) =>
        one(op, name, writes.flatMap((write) => hash(name, write.PutRequest?.Item ?? write.DeleteRequest.Key))));
    case 'TransactWriteItems':
    case 'TransactGetItems':
      return body.TransactItems.map((member) => {
        const [[kind, what]] = Object.entries(member);
        const extra = { 'dynamodb:EnclosingOperation': [op], ...(kind === 'Update' ? touched(what) : {}) };
        return one(MEMBERS[kind], what.TableName, hash(what.TableName, what.Item ?? what.Key), extra);
      });
    default:
      throw new Error(`no adapter for dynamodb:${op}`);
  }
}

/** The hash that a query asks for; none where it names none, which the guard against absence refuses. */
function equality(body, attribute) {
  const old = body.KeyConditions?.[attribute];
  if (old) return old.ComparisonOperator === 'EQ' ? [old.AttributeValueList[0].S] : [];
  const names = body.ExpressionAttributeNames ?? {};
  for (const part of (body.KeyConditionExpression ?? '').split(/\s+and\s+/i)) {
    const sides = part.split('=').map((side) => side.trim());
    if (sides.length !== 2) continue;
    const [left, right] = sides[0].startsWith(':') ? [sides[1], sides[0]] : sides;
    if ((names[left] ?? left) === attribute) return [body.ExpressionAttributeValues[right].S];
  }
  return [];
}

/** The attributes that an update touches, and what it asks back. */
function touched(body) {
  const names = body.ExpressionAttributeNames ?? {};
  const words = (body.UpdateExpression ?? '').split(/[\s,=()+-]+/).filter((word) => word && !word.startsWith(':'));
  const keywords = new Set(['SET', 'REMOVE', 'ADD', 'DELETE', 'if_not_exists', 'list_append']);
  const attributes = new Set([...Object.keys(body.Key), ...words.filter((word) => !keywords.has(word)).map((word) => names[word] ?? word)]);
  return { 'dynamodb:Attributes': [...attributes], ...(body.ReturnValues ? { 'dynamodb:ReturnValues': body.ReturnValues } : {}) };
}

function kms(op, body) {
  const context = {};
  for (const [name, value] of Object.entries(body.EncryptionContext ?? {})) {
    const renamed = name === 'aws:s3:arn' ? value.replace(':::documents', `:::${BUCKET}`) : value;
    context[`kms:EncryptionContext:${name}`] = renamed;
  }
  if (body.ViaService) context['kms:ViaService'] = body.ViaService;
  if (body.GrantIsForAWSResource !== undefined) context['kms:GrantIsForAWSResource'] = String(body.GrantIsForAWSResource);
  if (body.RequestTags) {
    for (const [name, value] of Object.entries(body.RequestTags)) context[`aws:RequestTag/${name}`] = value;
    context['aws:TagKeys'] = Object.keys(body.RequestTags);
  }
  if (body.keyTenant) context['aws:ResourceTag/t'] = body.keyTenant;
  const resource = op === 'CreateKey' ? '*' : `arn:aws:kms:${REGION}:${ACCOUNT}:key/${body.keyTenant ?? 'untagged'}`;
  return [{ action: `kms:${op}`, resource, context, firmOfKey: op === 'CreateKey' ? undefined : body.keyTenant }];
}

function s3(op, body) {
  const bucket = body.Bucket === 'documents' ? BUCKET : body.Bucket;
  if (op === 'ListBucket' || op === 'ListBucketVersions') {
    const context = body.Prefix === undefined ? {} : { 's3:prefix': body.Prefix };
    return [{ action: `s3:${op}`, resource: `arn:aws:s3:::${bucket}`, context }];
  }
  const context = body.signatureAge === undefined ? {} : { 's3:signatureAge': String(body.signatureAge) };
  return [{ action: `s3:${op}`, resource: `arn:aws:s3:::${bucket}/${body.Key}`, context }];
}

function sts(op, body) {
  const context = { 'aws:TagKeys': Object.keys(body.tags ?? {}) };
  if (!context['aws:TagKeys'].length) delete context['aws:TagKeys'];
  for (const [name, value] of Object.entries(body.tags ?? {})) context[`aws:RequestTag/${name}`] = value;
  return [{ action: `sts:${op}`, resource: `arn:aws:iam::${ACCOUNT}:role/${PREFIX}-${body.role}`, context, trustOf: body.role }];
}

function lambda(op, body) {
  return [{ action: `lambda:${op}`, resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${PREFIX}-${body.FunctionName}`, context: {} }];
}

/** A page's picture is sent with the request: no resource is named. */
function textract(op) {
  return [{ action: `textract:${op}`, resource: '*', context: {} }];
}

/** A phone number is no resource: a text message is asked for on all of them. */
function sns(op, body) {
  return [{ action: `sns:${op}`, resource: body.TopicArn ?? '*', context: {} }];
}
