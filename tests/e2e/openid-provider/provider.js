// An OpenID provider (oidc-provider, certified by the OpenID Foundation) with one client. Every refresh
// replaces the refresh token; one that is used twice revokes its grant: all tokens of that sign-in.
//
//   node provider.js MODULES OPTIONS
//
// MODULES is the folder in which its dependencies are installed, OPTIONS is a JSON object:
//   redirectUris          redirect URIs of the client (array)
//   clientSecret          secret of the client `portico`
//   accessTokenLifetime   seconds, 3600 if absent
//   pushedRequestsOnly    whether authorization requests have to be pushed (RFC 9126)
//   client                further client metadata, such as token_endpoint_auth_method and jwks
//
// Prints `listening on URL`, the issuer, on a free port. Anybody signs in with any password. Beside the
// provider's own endpoints:
//   GET /_test/state      the refreshes so far, and of each sign-in: the account, whether its grant is
//                         alive, and the number of refresh tokens that can be used
//   PUT /_test/settings   {"tokenDelay": milliseconds before the token endpoint answers a refresh,
//                         "accessTokenLifetime": seconds}
//   POST /_test/sign-out  {"account": the account}: sends a logout token for each of its sessions, as the end of
//                         a session there does (the client needs a backchannel_logout_uri)
//   POST /_test/logout-token   {"account", "claims": changed claims, null for none, "header": changed header
//                         parameters}: a logout token for the last session of the account, signed as `alg` says:
//                         RS256, HS256 with the client secret, or none

import { createHmac, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [modules, text] = process.argv.slice(2);
const options = JSON.parse(text);
const entry = createRequire(join(modules, 'package.json')).resolve('oidc-provider');
const { default: Provider } = await import(pathToFileURL(entry));

const settings = { tokenDelay: 0, accessTokenLifetime: options.accessTokenLifetime ?? 3600 };
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

function configuration() {
  return {
    clients: [
      {
        client_id: 'portico',
        client_secret: options.clientSecret,
        redirect_uris: options.redirectUris,
        grant_types: ['authorization_code', 'refresh_token'],
        ...options.client,
      },
    ],
    // The ID token has the claims of the scopes; Portico asks no userinfo endpoint.
    conformIdTokenClaims: false,
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
    },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    features: {
      backchannelLogout: { enabled: true },
      devInteractions: { enabled: true },
      pushedAuthorizationRequests: {
        enabled: true,
        requirePushedAuthorizationRequests: options.pushedRequestsOnly ?? false,
      },
    },
    // Logout tokens go to loopback addresses here, which the dispatcher that it adds refuses.
    fetch: (url, { dispatcher, ...request }) => fetch(url, request),
    findAccount: (_, accountId) => ({
      accountId,
      claims: () => ({
        sub: accountId,
        name: `${accountId} of oidc-provider`,
        preferred_username: accountId,
        email: `${accountId}@oidc-provider.example`,
        email_verified: true,
      }),
    }),
    // As the scope says: the default needs prompt=consent as well (OpenID Connect Core section 11).
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: () => settings.accessTokenLifetime,
      AuthorizationCode: 60,
      Grant: 14 * 24 * 3600,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 14 * 24 * 3600,
      Session: 14 * 24 * 3600,
    },
  };
}

// What was observed: the refreshes, and the ids of the refresh tokens of each grant.
// `sids` has the ids of the client's sessions of each account.
const seen = { refreshes: 0, refused: [], tokens: new Map(), sids: new Map() };

function observe(provider) {
  const isRefresh = (ctx) => ctx.oidc.params?.grant_type === 'refresh_token';
  provider.on('refresh_token.saved', ({ jti, grantId, accountId }) => {
    const family = seen.tokens.get(grantId) ?? { account: accountId, ids: new Set() };
    family.ids.add(jti);
    seen.tokens.set(grantId, family);
  });
  provider.on('session.saved', ({ accountId, authorizations }) => {
    const sid = authorizations?.portico?.sid;
    if (!accountId || !sid) return;
    const sids = seen.sids.get(accountId) ?? new Set();
    seen.sids.set(accountId, sids.add(sid));
  });
  provider.on('backchannel.error', (_, error) => console.log('backchannel.error', error.message));
  provider.on('grant.success', (ctx) => {
    if (isRefresh(ctx)) seen.refreshes += 1;
  });
  provider.on('grant.error', (ctx, error) => {
    console.log(`grant.error ${error.error}: ${error.error_description} (${error.error_detail ?? ''})`);
    if (isRefresh(ctx)) seen.refused.push(error.error_detail ?? error.error_description);
  });
  for (const name of ['authorization.error', 'server_error', 'pushed_authorization_request.error']) {
    provider.on(name, (_, error) => console.log(name, error));
  }
}

async function state(provider) {
  const families = [];
  for (const [grantId, { account, ids }] of seen.tokens) {
    const grant = await provider.Grant.adapter.find(grantId);
    const tokens = await Promise.all([...ids].map((id) => provider.RefreshToken.adapter.find(id)));
    const usable = tokens.filter((token) => token && !token.consumed).length;
    families.push({ account, alive: Boolean(grant) && usable > 0, usable });
  }
  return { refreshes: seen.refreshes, refused: seen.refused, families };
}

async function signOut(provider, account) {
  const client = await provider.Client.find('portico');
  for (const sid of seen.sids.get(account) ?? []) await client.backchannelLogout(account, sid);
}

function changed(object, changes = {}) {
  const entries = Object.entries({ ...object, ...changes });
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

function logoutToken(issuer, { account, claims, header }) {
  const now = Math.floor(Date.now() / 1000);
  const head = changed({ alg: 'RS256', typ: 'logout+jwt' }, header);
  const payload = changed(
    {
      iss: issuer,
      aud: 'portico',
      iat: now,
      exp: now + 120,
      jti: randomUUID(),
      sub: account,
      sid: [...(seen.sids.get(account) ?? [])].pop() ?? null,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    },
    claims,
  );
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const message = `${encode(head)}.${encode(payload)}`;
  const signatures = {
    RS256: () => sign('sha256', Buffer.from(message), privateKey).toString('base64url'),
    HS256: () => createHmac('sha256', options.clientSecret).update(message).digest('base64url'),
    none: () => '',
  };
  return `${message}.${signatures[head.alg]()}`;
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

async function test(provider, request, response) {
  if (request.method === 'GET' && request.url === '/_test/state') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(await state(provider)));
  } else if (request.method === 'PUT' && request.url === '/_test/settings') {
    Object.assign(settings, await body(request));
    response.writeHead(204).end();
  } else if (request.method === 'POST' && request.url === '/_test/sign-out') {
    const { account } = await body(request);
    await signOut(provider, account);
    response.writeHead(204).end();
  } else if (request.method === 'POST' && request.url === '/_test/logout-token') {
    response.end(logoutToken(provider.issuer, await body(request)));
  } else {
    response.writeHead(404).end();
  }
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration());
  observe(provider);
  // After the refresh: a client that gives up meanwhile has lost its refresh token.
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.params?.grant_type === 'refresh_token') await sleep(settings.tokenDelay);
  });
  const callback = provider.callback();
  server.on('request', (request, response) => {
    const handle = request.url.startsWith('/_test/') ? test(provider, request, response) : callback(request, response);
    Promise.resolve(handle).catch((error) => {
      console.log(error);
      response.destroy();
    });
  });
  console.log(`listening on ${issuer}`);
});
