// The shapes of a provider in JavaScript. providers/wit/provider.wit says what each field means.

type Pairs = Record<string, string>;
type Name<T> = T | (string & {}); // a class's static object loses its literal types

export interface Setting {
  /** Lower-case letters, digits, '-'. */
  key: string;
  label: string;
  help?: string;
  kind?: Name<"text" | "url" | "choice" | "flag">;
  choices?: string[];
  required?: boolean;
  default?: string;
}

export interface Grant {
  name: string;
  why: string;
  principal?: Name<"signed-in-user" | "application">;
  scopes?: string[];
  /** "api.example.com", "*.example.com", or "{setting-key}": the address in that setting. */
  hosts: string[];
  /** Prefixes. */
  paths: string[];
  methods?: Name<"get" | "post">[];
  /** Left out: a bearer token. */
  placement?: Name<"bearer"> | { header: string };
}

export interface Descriptor {
  id: string;
  name: string;
  version: string;
  icon?: string;
  accountNoun: string;
  /** Left out: can be connected, signs nobody in. */
  people?: { subject: string; tenant?: string };
  settings?: Setting[];
  grants?: Grant[];
  extra?: Pairs;
}

export interface PlainEndpoints {
  issuer: string;
  authorization: string;
  token: string;
  endSession?: string;
  userRecord?: { url: string; headers?: Pairs; grant: string };
}

export interface SignIn {
  /** The issuer; or `plain`, for OAuth without an ID token. */
  openid?: string;
  plain?: PlainEndpoints;
  tenantClaim?: string;
  scopes: string[];
  parameters?: Pairs;
  tokenEncoding?: Name<"form" | "json-camel-case">;
  clientAuth?: Name<"basic" | "post" | "none">;
  extra?: Pairs;
}

export interface Identity {
  subject: string;
  tenant: string;
  displayName?: string;
  username?: string;
  extra?: Pairs;
}

export interface Tenant {
  id: string;
  displayName?: string;
  /** ok, empty, wants-mfa, wants-consent, blocked, unreachable */
  state?: string;
  reason?: string;
  challenge?: string;
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

export type FetchError = "not-granted" | "no-token" | "timed-out" | "too-large" | "unreachable" | "budget-spent";

export interface RequestOptions {
  /** Whose token goes with it; left out: none. */
  grant?: string;
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
  readonly headers: [string, string][];
  readonly text: string;
  readonly error?: FetchError;
  /** A status from 200 to 299. */
  readonly ok: boolean;
  /** Who was asked, and why there is nothing to read: for a warning. */
  readonly from: string;
  readonly why: string;
  header(name: string): string | undefined;
  /** Throws `Problem.unexpected` where the body is no JSON. */
  json(): any;
}

/** `yield get(…)` gives a Reply, `yield [get(…), get(…)]` is fetched side by side and gives a list. */
export type Discovery<Result = Outcome> = Generator<Request | Request[], Result, any>;

export interface Provider {
  signIn(): SignIn;
  identify(claims: any): Identity;
  discover(identity: Identity): Discovery;
}

export interface ProviderClass {
  new (settings: Pairs, tenant?: string): Provider;
  descriptor: Descriptor;
}

/** `export const provider = serve(GitLab);` */
export function serve(provider: ProviderClass): object;

export function get(url: string, options?: RequestOptions): Request;
export function post(url: string, options?: RequestOptions): Request;

/** `const { found, warnings } = yield* list(…)`: every page of the first one's origin, at most 100. */
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
/** Without the port; "" for what is no http(s) address. */
export function hostOf(url: unknown): string;
export function sameOrigin(one: string, other: string): boolean;
/** Whether this is no object with fields: null, a list, a bare value. */
export function isOdd(value: unknown): boolean;
