// What a Portico provider in JavaScript is written with: one class whose listing is a generator.
//
//   class GitLab {
//     static descriptor = { id: "gitlab", ... };
//     constructor(settings, tenant) { ... }
//     signIn() { return { openid: issuer, scopes: ["openid"] }; }
//     identify(claims) { return { subject: claims.sub, ... }; }
//     *discover(identity) {
//       const reply = yield get(url, { grant: "read" });
//       return { subscriptions: [...], warnings: [...] };
//     }
//   }
//   export const provider = serve(GitLab);
//
// A provider computes and never fetches: `yield` hands its requests to the host, which adds the
// credentials. Nor has it a clock or randomness: in a component `Date.now()` is a trap, and
// `Math.random()` gives what it gave in every login before. The same inputs give the same outputs.
// portico.d.ts has every shape.
export { clean, hostOf, isOdd, sameOrigin } from "./text.js";
export { list } from "./list.js";
export { Problem } from "./problem.js";
export { get, post } from "./request.js";
export { serve } from "./serve.js";
