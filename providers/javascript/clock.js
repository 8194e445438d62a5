// Replaces clocks and randomness by functions that fail with their name. A provider has neither: in a
// component they would trap without a message. Tests under Node use the real ones.
import { IN_COMPONENT } from "./fault.js";
import { Problem } from "./problem.js";

const without = (what, has) => () => {
  throw Problem.other("internal", `${what}: a provider has no ${has}; the same inputs have to give the same outputs`);
};

if (IN_COMPONENT) {
  const now = without("Date.now()", "clock");
  globalThis.Date = new Proxy(Date, {
    get: (target, key) => (key === "now" ? now : Reflect.get(target, key)),
    construct: (target, given, made) => (given.length ? Reflect.construct(target, given, made) : without("new Date()", "clock")()),
    apply: without("Date()", "clock"),
  });
  Math.random = without("Math.random()", "randomness");
  globalThis.performance = { now: without("performance.now()", "clock") };
  globalThis.crypto = {
    getRandomValues: without("crypto.getRandomValues()", "randomness"),
    randomUUID: without("crypto.randomUUID()", "randomness"),
  };
}
