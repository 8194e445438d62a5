// The types of a provider in JavaScript. providers/wit/provider.wit describes each field.

type Pairs = Record<string, string>;
type Name<T> = T | (string & {}); // a class's static object loses its literal types
/** A text that the host fills with settings: "{url}/oauth/token"; in `signIn` also with `{tenant}`. */
type Template = string;
/** The place of a value in a JSON document (RFC 6901): "/sub", "/account/uuid". */
type Pointer = string;

export interface Setting {
  /** Lower-case letters, digits, '-'. */
  key: string;
  label: string;
  help?: string;
  /** The provider does not get the value of a "secret". */
  kind?: Name<"text" | "url" | "choice" | "flag" | "secret">;
  choices?: string[];
  required?: boolean;
  /** May refer to the settings before it. */
  default?: Template;
}

export interface Permission {
  name: string;
  why: string;
  principal?: Name<"signed-in-user" | "application" | "nobody">;
  scopes?: Template[];
  /** "api.example.com", "*.example.com", "api.{region}.example.com", or "{setting-key}": the address in that setting. */
  hosts: Template[];
  /** Prefixes. */
  paths: string[];
  methods?: Name<"get" | "post">[];
  /** "bearer" by default. */
  placement?: Name<"bearer" | "basic"> | { prefix: string } | { header: string };
  /** In addition to accept, accept-language, content-type, range, and x-ms-*, x-amz-*, x-goog-*, x-github-*. */
  requestHeaders?: string[];
  /** In addition to content-type, etag, link, next-range, x-next-page, retry-after, www-authenticate and request ids. */
  replyHeaders?: string[];
  /** Headers that the host fills with secret settings. */
  secretHeaders?: { setting: string; header: string; prefix?: string }[];
}

export interface SignIn {
  /** The issuer of an OpenID provider; otherwise `plain`, for OAuth without an ID token. */
  openid?: Template;
  plain?: { issuer: Template; authorization: Template; token: Template; endSession?: Template };
  /** `{tenant}` if nobody asks for one. */
  defaultTenant?: Template;
  scopes: Template[];
  scopeSeparator?: Name<"space" | "comma">;
  /** Additional parameters of the authorization request. */
  parameters?: Pairs;
  tokenEncoding?: Name<"form" | "json-camel-case" | "json-snake-case">;
  clientAuth?: Name<"basic" | "post" | "none">;
  /** Members of the token response that `discover` gets: "instance_url". */
  tokenReply?: string[];
  /** `people` points into the first one of `plain`; any other is added to it as `member`. */
  userRecords?: { member?: string; url: Template; headers?: Pairs; permission: string }[];
  extra?: Pairs;
}

/** Of several pointers, the first that finds a text is used. */
export interface People {
  subject: Pointer;
  /** By default the host of the issuer is the tenant. */
  tenant?: Pointer;
  displayName?: Pointer | Pointer[];
  username?: Pointer | Pointer[];
}

export interface Descriptor {
  id: string;
  name: string;
  version: string;
  icon?: string;
  accountNoun: string;
  settings?: Setting[];
  signIn: SignIn;
  /** Without it, the provider signs nobody in and can only be connected to a session. */
  people?: People;
  permissions?: Permission[];
  /** The kind "tenants" lets requests of the permission `name` use the person's tokens in other tenants. */
  capabilities?: { name: string; kind: string; why: string; extra?: Pairs }[];
  extra?: Pairs;
}

export interface Person {
  subject: string;
  tenant: string;
  displayName: string;
  username?: string;
  /** The members that `signIn.tokenReply` names. */
  tokenReply: Pairs;
  extra: Pairs;
}

export interface Tenant {
  id: string;
  displayName?: string;
  /** "ok" by default. */
  state?: Name<"ok" | "empty" | "wants-mfa" | "wants-consent" | "blocked" | "unreachable">;
  reason?: string;
  /** Who can make it reachable. */
  mender?: Name<"person" | "administrator" | "operator">;
  /** A new sign-in, one with these claims (an object or its JSON), or a page at a permission's host. */
  repair?: Name<"sign-in"> | { claims: string | object } | { link: string };
  extra?: Pairs;
}

export interface Subscription {
  id: string;
  displayName?: string;
  state?: string;
  tenant?: string;
  extra?: Pairs;
}

export interface Outcome {
  tenants?: Tenant[];
  subscriptions?: Subscription[];
  warnings?: string[];
  extra?: Pairs;
}

export type FetchError =
  | "not-permitted" | "no-token" | "timed-out" | "too-large" | "unreachable" | "budget-spent" | "refused";

export interface RequestOptions {
  /** The name of the permission whose token is sent; by default no token is sent. */
  permission?: string;
  /** The token's tenant, if not the one signed in to. */
  tenant?: string;
  headers?: Pairs;
  body?: string;
  /** For the host's log. */
  note?: string;
}

export interface Request extends RequestOptions {
  method: "get" | "post";
  url: string;
}

export interface Reply {
  readonly request: Request;
  /** 0 if there is an `error`. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: [string, string][];
  readonly text: string;
  readonly error?: FetchError | "token-refused";
  /** Why the tenant of the request refused a token. `numbers` are the vendor's: they explain, and decide nothing. */
  readonly refusal?: { error: string; suberror?: string; claims?: string; numbers: number[] };
  /** A status from 200 to 299. */
  readonly ok: boolean;
  /** The host that was asked, and why the request failed, for a warning. */
  readonly from: string;
  readonly why: string;
  /** The seconds in `Retry-After` of a 429 or 503. */
  readonly retryAfter?: number;
  /** Throws for a header that the host withholds: see `replyHeaders`. */
  header(name: string): string | undefined;
  /** Throws `Problem.unexpected` if the body is not JSON. */
  json(): any;
}

/** What `wait` returns. */
export interface Wait {
  seconds: number;
  requests: Request | Request[];
}

/** `yield get(…)` gives a Reply; `yield [get(…), get(…)]` sends both at the same time and gives a list. */
export type Discovery<Result = Outcome> = Generator<Request | Request[] | Wait, Result, any>;

export interface Provider {
  discover(person: Person): Discovery;
}

export interface ProviderClass {
  /** Settings by key, with defaults; addresses without trailing slashes. */
  new (settings: Pairs): Provider;
  descriptor: Descriptor;
}

/** `export const provider = serve(GitLab);` */
export function serve(provider: ProviderClass): object;

export function get(url: string, options?: RequestOptions): Request;
export function post(url: string, options?: RequestOptions): Request;

/** `yield wait(2, get(…))`: the host sends it after 2 seconds, which count towards the time of the listing. */
export function wait(seconds: number, requests: Request | Request[]): Wait;

/**
 * `const { found, warnings } = yield* list(…)`: all pages at the origin of the first one, at most 100. A
 * page that is answered 429 or 503 with a `Retry-After` of at most 10 is requested again, at most twice.
 */
export function list<Entry extends { id: string }>(
  first: Request,
  how: {
    /** A name of the entries in the plural: "groups". */
    what: string;
    /** Undefined, null or an error skips the entry, with a warning. */
    read(entry: any): Entry | undefined | null;
    /** The request for the next page; undefined, null or "" after the last one. */
    next?(reply: Reply): Request | undefined | null | "";
    /** The list in a page's JSON; by default the whole body. */
    entries?(body: any): any[];
  },
): Discovery<{ found: Entry[]; warnings: string[] }>;

export class Problem extends Error {
  static setting(key: string, why: string): Problem;
  static unexpected(what: string): Problem;
  static refused(code: string, remedy: string): Problem;
  static challenge(claims: string | object): Problem;
  static other(code: string, message: string): Problem;
}

/** Without control characters, at most 256 characters; "" for a value that is not text. */
export function clean(name: unknown): string;
export function sameOrigin(one: string, other: string): boolean;
