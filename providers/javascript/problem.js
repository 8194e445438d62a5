// What a provider throws: the five cases of `problem` in provider.wit, each with its constructor.
// Anything else thrown becomes `other("internal", …)`: a fault of the plug-in, not of the cloud.
export class Problem extends Error {
  constructor(tag, val) {
    super(typeof val === "string" ? val : val.join(": "));
    this.name = "Problem";
    this.tag = tag;
    this.val = val;
  }

  /** Whether the plug-in itself is at fault: the host then says where. */
  get internal() {
    return this.tag === "other" && this.val[0] === "internal";
  }

  /** A setting is wrong: which, and why. */
  static setting(key, why) {
    return new Problem("setting", [key, why]);
  }

  /** An answer that the plug-in does not understand. */
  static unexpected(what) {
    return new Problem("unexpected", what);
  }

  /** The cloud said no: its own code, and what a person can do. */
  static refused(code, remedy) {
    return new Problem("refused", [code, remedy]);
  }

  /** Sign in anew with these claims (an object, or its JSON). */
  static challenge(claims) {
    return new Problem("challenge", typeof claims === "string" ? claims : JSON.stringify(claims));
  }

  static other(code, message) {
    return new Problem("other", [code, message]);
  }
}
