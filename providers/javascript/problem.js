// The errors of a provider: a constructor for each case of `problem` in provider.wit. Any other error
// becomes `other("internal", …)`: a fault of the plug-in, not of the cloud.
export class Problem extends Error {
  constructor(tag, val) {
    super(typeof val === "string" ? val : val.join(": "));
    this.name = "Problem";
    this.tag = tag;
    this.val = val;
  }

  /** Whether it is a fault of the plug-in. The operator is told where it happened. */
  get internal() {
    return this.tag === "other" && this.val[0] === "internal";
  }

  /** A setting is invalid: its key, and why. */
  static setting(key, why) {
    return new Problem("setting", [key, why]);
  }

  /** The cloud sent something that the plug-in does not understand. */
  static unexpected(what) {
    return new Problem("unexpected", what);
  }

  /** The cloud refused: its error code, and what a person can do. */
  static refused(code, remedy) {
    return new Problem("refused", [code, remedy]);
  }

  /** The cloud requires a new sign-in with these claims (an object, or its JSON). */
  static challenge(claims) {
    return new Problem("challenge", typeof claims === "string" ? claims : JSON.stringify(claims));
  }

  static other(code, message) {
    return new Problem("other", [code, message]);
  }
}
