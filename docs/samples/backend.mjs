// The backend of an app behind Portico: answers every GET with the Azure subscriptions of the person who asks.
//
// Needs Node 18 or newer and no packages. Its settings are environment variables:
//   PORTICO_URL              Portico's APP_BASE_URL, such as https://portico.example.com
//   PORTICO_CLIENT_ID        the id of the app under [[apps]]
//   PORTICO_CLIENT_KEY_FILE  a file with its P-256 private key (PKCS #8, PEM)
//   CLOUD_URL, RESOURCE      the API to call, and the resource whose token it takes: https://management.azure.com
//   PORT                     where it listens on 127.0.0.1; 0, the default, is any free port

import { createPrivateKey, randomUUID, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const withoutSlash = (url) => url.replace(/\/+$/, "");
const required = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}`);
  return value;
};

const porticoUrl = withoutSlash(required("PORTICO_URL"));
const clientId = required("PORTICO_CLIENT_ID");
const clientKey = createPrivateKey(readFileSync(required("PORTICO_CLIENT_KEY_FILE")));
const cloudUrl = withoutSlash(process.env.CLOUD_URL ?? "https://management.azure.com");
const resource = withoutSlash(process.env.RESOURCE ?? "https://management.azure.com");
const port = Number(process.env.PORT ?? 0);

// Portico gave no token: its error, by RFC 6749 section 5.2.
class Refused extends Error {
  constructor(answer, error) {
    super(`Portico: ${error.error}: ${error.error_description}`);
    this.error = error;
    this.status = answer.status;
    this.retryAfter = answer.headers.get("retry-after") ?? "5";
  }
}

// Proves who we are by a signature (RFC 7523). An assertion serves once.
function clientAssertion() {
  const now = Math.floor(Date.now() / 1000);
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = { typ: "JWT", alg: "ES256" };
  const claims = { iss: clientId, sub: clientId, aud: porticoUrl, iat: now, exp: now + 60, jti: randomUUID() };
  const signed = `${encode(header)}.${encode(claims)}`;
  const signature = sign("sha256", Buffer.from(signed), { key: clientKey, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}

// Exchanges the session JWT for a cloud token of the same person (RFC 8693).
async function cloudToken(sessionJwt) {
  const answer = await fetch(`${porticoUrl}/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: sessionJwt,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      resource,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: clientAssertion(),
    }),
    redirect: "error",
    signal: AbortSignal.timeout(30_000),
  });
  const body = await answer.json();
  if (answer.status !== 200) throw new Refused(answer, body);
  return body.access_token;
}

// Every page of the person's subscriptions.
async function subscriptions(sessionJwt) {
  const headers = { authorization: `Bearer ${await cloudToken(sessionJwt)}` };
  const found = [];
  let next = `${cloudUrl}/subscriptions?api-version=2022-12-01`;
  while (next) {
    // The token goes to no other host.
    if (new URL(next).origin !== new URL(cloudUrl).origin) throw new Error(`the next page is at ${next}`);
    const answer = await fetch(next, { headers, redirect: "error", signal: AbortSignal.timeout(30_000) });
    if (answer.status !== 200) throw new Error(`the cloud answered ${answer.status}`);
    const page = await answer.json();
    found.push(...page.value.map((one) => ({ id: one.subscriptionId, displayName: one.displayName })));
    next = page.nextLink;
  }
  return found;
}

// Status, body and headers for what Portico refused.
function answerToRefusal({ error, status, retryAfter }) {
  if (error.error === "interaction_required") {
    // Only the person can help. The page shows them the link.
    return [401, { error: "interaction_required", repair_uri: error.repair_uri }];
  }
  if (error.error === "invalid_request") {
    // The session ended or the JWT expired. (A request that Portico cannot read looks the same: see the log.)
    return [401, { error: "invalid_token" }, { "www-authenticate": 'Bearer error="invalid_token"' }];
  }
  if (status === 503) return [503, { error: "temporarily_unavailable" }, { "retry-after": retryAfter }];
  // The settings of the app are wrong: that is for its operator.
  return [502, { error: "no_token" }];
}

async function answerTo(request) {
  if (request.method !== "GET") return [405, { error: "method_not_allowed" }, { allow: "GET" }];
  const sessionJwt = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (!sessionJwt) return [401, { error: "no_token" }, { "www-authenticate": "Bearer" }];
  try {
    return [200, await subscriptions(sessionJwt)];
  } catch (error) {
    console.error(error.message, error.cause?.message ?? "");
    return error instanceof Refused ? answerToRefusal(error) : [502, { error: "bad_gateway" }];
  }
}

const server = createServer(async (request, response) => {
  const [status, body, headers] = await answerTo(request);
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
  response.end(JSON.stringify(body));
});
server.listen(port, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
