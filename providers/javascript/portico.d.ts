// The shapes of a provider in JavaScript. providers/wit/provider.wit says what each field means.

type Pairs = Record<string, string>;
type Name<T> = T | (string & {}); // a class's static object loses its literal types
/** Text in which the host puts settings: "{url}/oauth/token"; in `signIn` `{tenant}` too. */
type Template = string;
/** Where a value is in a JSON document (RFC 6901): "/sub", "/account/uuid". */
type Pointer = string;

export interface Setting {
  /** Lower-case letters, digits, '-'. */
  key: string;
  label: string;
  help?: string;
  /** The host keeps a "secret": the provider is not given it. */
  kind?: Name<"text" | "url" | "choice" | "flag" | "secret">;
  choices?: string[];
  required?: boolean;
  /** Of the settings before it. */
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
  /** Left out: a bearer token. */
  placement?: Name<"bearer" | "basic"> | { prefix: string } | { header: string };
  /** Beyond accept, accept-language, content-type, range, and x-ms-*, x-amz-*, x-goog-*, x-github-*. */
  requestHeaders?: string[];
  /** Beyond content-type, etag, link, next-range, x-next-page, retry-after, www-authenticate and request ids. */
  replyHeaders?: string[];
  /** Headers that the host fills with secret settings. */
  secretHeaders?: { setting: string; header: string; prefix?: string }[];
}

export interface SignIn {
  /** The issuer; or `plain`, for OAuth without an ID token. */
  openid?: Template;
  plain?: { issuer: Template; authorization: Template; token: Template; endSession?: Template };
  /** `{tenant}` where nobody asked for one. */
  defaultTenant?: Template;
  scopes: Template[];
  scopeSeparator?: Name<"space" | "comma">;
  /** More of the authorization request. */
  parameters?: Pairs;
  tokenEncoding?: Name<"form" | "json-camel-case" | "json-snake-case">;
  clientAuth?: Name<"basic" | "post" | "none">;
  /** Members of the token reply that `discover` is given: "instance_url". */
  tokenReply?: string[];
  /** The first of `plain` is what `people` points into; any other is there as its `member`. */
  userRecords?: { member?: string; url: Template; headers?: Pairs; permission: string }[];
  extra?: Pairs;
}

/** Of several places the first that holds a text. */
export interface People {
  subject: Pointer;
  /** Left out: the host of the issuer is the tenant. */
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
  /** Left out: can be connected, signs nobody in. */
  people?: People;
  permissions?: Permission[];
  /** For later versions of the host. */
  capabilities?: { name: string; kind: string; why: string; extra?: Pairs }[];
  extra?: Pairs;
}

export interface Person {
  subject: string;
  tenant: string;
  displayName: string;
  username?: string;
  /** What `signIn.tokenReply` asked for. */
  tokenReply: Pairs;
  extra: Pairs;
}

export interface Tenant {
  id: string;
  displayName?: string;
  /** Left out: "ok". */
  state?: Name<"ok" | "empty" | "wants-mfa" | "wants-consent" | "blocked" | "unreachable">;
  reason?: string;
  /** Who can mend it. */
  mender?: Name<"person" | "administrator" | "operator">;
  /** Sign in again, with these claims (an object or its JSON), or open an address of a permission's host. */
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
  /** Whose token goes with it: a name of `permissions`; left out: none. */
  permission?: string;
  /** Another tenant than signed in to. */
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
  /** What was asked for. */
  readonly request: Request;
  /** 0 where there is an `error`. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: [string, string][];
  readonly text: string;
  readonly error?: FetchError;
  /** A status from 200 to 299. */
  readonly ok: boolean;
  /** Who was asked, and why there is nothing to read: for a warning. */
  readonly from: string;
  readonly why: string;
  /** The seconds in `Retry-After` of a 429 or 503. */
  readonly retryAfter?: number;
  /** Throws for a header that the host does not hand over: see `replyHeaders`. */
  header(name: string): string | undefined;
  /** Throws `Problem.unexpected` where the body is no JSON. */
  json(): any;
}

/** What `wait` returns. */
export interface Wait {
  seconds: number;
  requests: Request | Request[];
}

/** `yield get(…)` gives a Reply, `yield [get(…), get(…)]` is fetched side by side and gives a list. */
export type Discovery<Result = Outcome> = Generator<Request | Request[] | Wait, Result, any>;

export interface Provider {
  discover(person: Person): Discovery;
}

export interface ProviderClass {
  /** Settings by key, with their defaults; addresses without a slash at the end. */
  new (settings: Pairs): Provider;
  descriptor: Descriptor;
}

/** `export const provider = serve(GitLab);` */
export function serve(provider: ProviderClass): object;

export function get(url: string, options?: RequestOptions): Request;
export function post(url: string, options?: RequestOptions): Request;

/** `yield wait(2, get(…))`: the host sends it after 2 seconds, which count as time of the listing. */
export function wait(seconds: number, requests: Request | Request[]): Wait;

/**
 * `const { found, warnings } = yield* list(…)`: every page of the first one's origin, at most 100. A
 * page whose 429 or 503 says `Retry-After: 10` or less is asked for again, twice at most.
 */
export function list<Entry extends { id: string }>(
  first: Request,
  how: {
    /** The entries' name in the plural, as a person says it: "groups". */
    what: string;
    /** Undefined, null or an error passes an entry over, with a warning. */
    read(entry: any): Entry | undefined | null;
    /** Left out, or undefined, null or "": this was the last page. */
    next?(reply: Reply): Request | undefined | null | "";
    /** The list in a page's JSON; left out: the whole body. */
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

/** Without control characters, at most 256 characters; "" for what is no text. */
export function clean(name: unknown): string;
export function sameOrigin(one: string, other: string): boolean;
