import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../parse.js";

test("parse refuses deep nesting", () => {
  const nested = (depth) => "[".repeat(depth) + "]".repeat(depth);
  parse(nested(100));
  assert.throws(() => parse(nested(101)), /too deep/);
  assert.throws(() => parse('{"a":'.repeat(500_000)), /too deep/);
  assert.throws(() => parse('"\\\\"' + "[".repeat(101)), /too deep/);
});

test("parse does not count brackets in strings", () => {
  const text = JSON.stringify({ [`"\\${"[".repeat(300)}`]: ["\\", `\\"${"{".repeat(300)}`] });
  assert.deepEqual(parse(text), JSON.parse(text));
  for (const broken of ['"', '"\\', '"\\"', "]]]]"]) assert.throws(() => parse(broken), SyntaxError);
});
