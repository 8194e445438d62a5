// GitLab, gitlab.com or self-managed: OpenID sign-in, and a listing of the person's groups.
import { clean, get, list, serve } from "../../javascript/portico.js";

const GROUPS = "/api/v4/groups";

// Simple Icons 9.21 (CC0).
const ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="#fc6d26"><path d="m23.6004 9.5927-.0337-.0862L20.3.9814a.851.851 0 0 0-.3362-.405.8748.8748 0 0 0-.9997.0539.8748.8748 0 0 0-.29.4399l-2.2055 6.748H7.5375l-2.2057-6.748a.8573.8573 0 0 0-.29-.4412.8748.8748 0 0 0-.9997-.0537.8585.8585 0 0 0-.3362.4049L.4332 9.5015l-.0325.0862a6.0657 6.0657 0 0 0 2.0119 7.0105l.0113.0087.03.0213 4.976 3.7264 2.462 1.8633 1.4995 1.1321a1.0085 1.0085 0 0 0 1.2197 0l1.4995-1.1321 2.4619-1.8633 5.006-3.7489.0125-.01a6.0682 6.0682 0 0 0 2.0094-7.003z"/></svg>';

export class GitLab {
  static descriptor = {
    id: "gitlab",
    name: "GitLab",
    version: "1.2.0",
    accountNoun: "group",
    icon: ICON,
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
    // https://docs.gitlab.com/api/groups/ and /api/rest/#pagination; access level 10 is a guest, the lowest.
    const page = (number) =>
      get(`${this.groups}?min_access_level=10&per_page=100&page=${encodeURIComponent(number)}`, { permission: "read" });
    const { found, warnings } = yield* list(page("1"), {
      what: "groups",
      read: ({ id, full_name, full_path }) =>
        Number.isSafeInteger(id) ? { id: String(id), displayName: clean(full_name) || clean(full_path) } : undefined,
      // The number is empty on the last page. Keyset pagination (over 50,000 entries) has a link instead.
      next: (reply) => {
        const number = reply.header("x-next-page");
        const link = number === undefined && /<([^>]*)>;\s*rel="?next"?/.exec(reply.header("link") ?? "");
        if (link) return get(link[1], { permission: "read" });
        return number && page(number);
      },
    });
    return { subscriptions: found, warnings };
  }
}

export const provider = serve(GitLab);
