// Judges vectors by an IAM simulator that shares nothing with the emulator: `node simulator.mjs <repository> < vectors`.
// Prints `{"judged": n, "wrong": [...]}`. The simulator is a tool of the tests and never part of the product.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNT, PREFIX, REGION, authorizations } from './authorizations.mjs';

const { runSimulation } = createRequire(join(process.env.PORTICO_NODE_MODULES, 'x.js'))('@cloud-copilot/iam-simulate');

const root = process.argv[2];
const policies = join(root, 'infra/policies');
const roles = JSON.parse(readFileSync(join(policies, 'roles.json'), 'utf8'));
const vectors = JSON.parse(readFileSync(0, 'utf8'));

const resolve = (text, name) => text
  .replaceAll('${AWS::AccountId}', ACCOUNT).replaceAll('${AWS::Region}', REGION)
  .replaceAll('${StackPrefix}', PREFIX).replaceAll('${MailFrom}', 'no-reply@portico.example')
  .replaceAll('${Function}', name.replace(/^fn-/, ''));
const cache = new Map();
function policy(name, role) {
  const key = `${name} ${role}`;
  if (!cache.has(key)) {
    const folder = name.startsWith('naive-') ? join(root, 'tests/vectors') : policies;
    cache.set(key, renamed(JSON.parse(resolve(readFileSync(join(folder, `${name}.json`), 'utf8'), role))));
  }
  return cache.get(key);
}

// The simulator does not know `kms:EncryptionContext:<key>` and would leave it out: under a name that it does know the
// same comparison is made.
const known = (key) => key.startsWith('kms:EncryptionContext:') ? `aws:RequestTag/context.${key.slice(22).replaceAll(':', '.')}` : key;
function renamed(document) {
  for (const statement of document.Statement) {
    for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
      statement.Condition[operator] = Object.fromEntries(Object.entries(keys).map(([key, value]) => [known(key), value]));
    }
  }
  return document;
}

const decisions = new Map();
async function allowed(session, asked) {
  const key = JSON.stringify([session, asked]);
  if (!decisions.has(key)) decisions.set(key, await decide(session, asked));
  return decisions.get(key);
}

async function decide(session, asked) {
  const arn = `arn:aws:iam::${ACCOUNT}:role/${PREFIX}-${session.role}`;
  const context = { 'aws:PrincipalArn': arn };
  for (const [name, value] of Object.entries(session.tags)) context[`aws:PrincipalTag/${name}`] = value;
  for (const [name, value] of Object.entries(asked.context)) context[known(name)] = value;
  const names = session.policy ? [session.policy] : roles[session.role].policies;
  const simulation = {
    request: {
      principal: `arn:aws:sts::${ACCOUNT}:assumed-role/${PREFIX}-${session.role}/vended`,
      action: asked.action,
      resource: { resource: asked.resource, accountId: ACCOUNT },
      contextVariables: context,
    },
    identityPolicies: names.map((name) => ({ name, policy: policy(name, session.role) })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
  if (asked.firmOfKey) {
    const text = JSON.stringify(policy('key-policy-firm', session.role)).replaceAll('FIRM_ID', asked.firmOfKey);
    simulation.resourcePolicy = JSON.parse(text);
  }
  if (asked.trustOf) {
    if (!roles[asked.trustOf]) return { allowed: false };
    simulation.resourcePolicy = policy(roles[asked.trustOf].trust, asked.trustOf);
  }
  const answer = await runSimulation(simulation, {});
  if (answer.errors || answer.resultType === 'error') return { error: JSON.stringify(answer.errors ?? answer).slice(0, 400) };
  const ignored = answer.ignoredContextKeys ?? [];
  return { allowed: answer.overallResult === 'Allowed', ignored: ignored.filter((name) => name !== 'dynamodb:EnclosingOperation') };
}

const wrong = [];
for (const vector of vectors.cases) {
  const session = vectors.sessions[vector.who];
  let verdict = 'allow';
  for (const asked of authorizations(vector.call, vectors.tables)) {
    const decision = await allowed(session, asked);
    if (decision.error || decision.ignored?.length) verdict = `error: ${decision.error ?? `ignored ${decision.ignored}`}`;
    else if (!decision.allowed && verdict === 'allow') verdict = 'deny';
  }
  if (verdict !== vector.want) wrong.push({ who: vector.who, name: vector.name, want: vector.want, got: verdict, call: vector.call });
}
process.stdout.write(JSON.stringify({ judged: vectors.cases.length, wrong }) + '\n');
