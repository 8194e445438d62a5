// GitLab, gitlab.com or a company's own: OpenID sign-in, and the groups a person belongs to.
import { clean, get, list, serve } from "../../javascript/portico.js";

const GROUPS = "/api/v4/groups";

export class GitLab {
  static descriptor = {
    id: "gitlab",
    name: "GitLab",
    version: "1.1.0",
    accountNoun: "group",
    settings: [{
      key: "url",
      label: "Address of GitLab",
      help: "gitlab.com, or the address of your own installation",
      kind: "url",
      default: "https://gitlab.com",
    }],
    signIn: { openid: "{url}", scopes: ["openid", "profile", "email", "read_api"], clientAuth: "post" },
    people: { subject: "/sub", displayName: "/name", username: "/preferred_username" },
    permissions: [{ name: "read", why: "Lists the groups that the signed-in person belongs to", hosts: ["{url}"], paths: [GROUPS] }],
  };

  constructor({ url }) {
    this.groups = url + GROUPS;
  }

  *discover() {
    // https://docs.gitlab.com/api/groups/ and /api/rest/#pagination; 10 is a guest, the least member.
    const page = (number) =>
      get(`${this.groups}?min_access_level=10&per_page=100&page=${encodeURIComponent(number)}`, { permission: "read" });
    const { found, warnings } = yield* list(page("1"), {
      what: "groups",
      read: ({ id, full_name, full_path }) =>
        Number.isSafeInteger(id) ? { id: String(id), displayName: clean(full_name) || clean(full_path) } : undefined,
      next: (reply) => reply.header("x-next-page") && page(reply.header("x-next-page")), // empty on the last
    });
    return { subscriptions: found, warnings };
  }
}

export const provider = serve(GitLab);
