// An OpenID provider (npm oidc-provider, a certified implementation) whose people are whoever types an address. Started
// anew on the same port it has other keys.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { port, client, secret, redirect, alg = 'RS256' } = JSON.parse(process.argv[2]);
const require = createRequire(`${process.env.PORTICO_NODE_MODULES}/`);
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const pair = alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...pair.privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), use: 'sig', alg };
// The provider wants an RSA key for what it does by itself.
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const keys = alg === 'RS256' ? [key] : [key, { ...rsa, kid: randomBytes(8).toString('hex'), use: 'sig', alg: 'RS256' }];

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: client,
    client_secret: secret,
    redirect_uris: [redirect],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: alg,
  }],
  jwks: { keys },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  pkce: { required: () => true },
  scopes: ['openid', 'email', 'profile'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: `sub-${id}`, email: id, email_verified: !id.startsWith('unverified'), name: id.split('@')[0] }),
  }),
});
provider.listen(port, '127.0.0.1', () => console.log('ready'));
