// The SDK for Portico providers in JavaScript. A provider is a class with a descriptor and one generator.
//
//   class GitLab {
//     static descriptor = { id: "gitlab", signIn: { openid: "{url}", ... }, permissions: [...], ... };
//     constructor(settings) { ... }
//     *discover(person) {
//       const reply = yield get(url, { permission: "read" });
//       return { subscriptions: [...], warnings: [...] };
//     }
//   }
//   export const provider = serve(GitLab);
//
// The host signs people in by the descriptor; no code of a provider runs then. A provider yields requests,
// and the host adds the tokens and sends them. The same inputs must give the same outputs, so a provider
// has no clock and no randomness: in a component `Date.now()` and `Math.random()` fail with their name.
// portico.d.ts has all types.
import "./clock.js";
export { clean, sameOrigin } from "./text.js";
export { list } from "./list.js";
export { Problem } from "./problem.js";
export { get, post, wait } from "./request.js";
export { serve } from "./serve.js";
