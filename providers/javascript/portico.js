// What a Portico provider in JavaScript is written with: a class that is data and one generator.
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
// The host signs people in, as the descriptor declares it; no code of a provider runs then. A
// provider never fetches: `yield` hands its requests to the host, which adds the tokens. Nor has it
// a clock or randomness: in a component `Date.now()` and `Math.random()` fail by their names. The same
// inputs give the same outputs. portico.d.ts has every shape.
import "./clock.js";
export { clean, sameOrigin } from "./text.js";
export { list } from "./list.js";
export { Problem } from "./problem.js";
export { get, post, wait } from "./request.js";
export { serve } from "./serve.js";
