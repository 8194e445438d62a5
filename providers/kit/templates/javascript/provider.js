// Example Cloud: how people sign in, who they are, and what they can reach. It asks and never
// fetches; the same inputs give the same outputs.
import { clean, get, hostOf, list, serve } from "./portico/portico.js";

const PATH = "/api/projects";
const PLAIN = /^[!-~]{1,128}$/; // an id that can be shown

export class ExampleCloud {
  static descriptor = {
    id: "example-cloud",
    name: "Example Cloud",
    version: "0.1.0",
    accountNoun: "project",
    people: { subject: "/sub" },
    settings: [{
      key: "address",
      label: "Address",
      help: "where the cloud is, for people and for its API",
      kind: "url",
      default: "https://cloud.example",
    }],
    grants: [{
      name: "read",
      why: "lists the projects that the signed-in person can see",
      hosts: ["{address}"],
      paths: [PATH],
    }],
  };

  constructor(settings) {
    this.address = settings.address;
  }

  signIn() {
    return { openid: this.address, scopes: ["openid", "profile", "projects"], clientAuth: "post" };
  }

  identify(claims) {
    return {
      subject: claims.sub,
      tenant: hostOf(this.address), // a cloud without tenants: its host is the one
      displayName: clean(claims.name),
      username: clean(claims.email) || undefined,
    };
  }

  *discover() {
    const page = (number) => get(`${this.address}${PATH}?page=${number}`, { grant: "read" });
    let number = 1;
    const { found, warnings } = yield* list(page(number), {
      what: "projects",
      entries: (body) => body.projects,
      read: ({ id, name }) =>
        typeof id === "string" && PLAIN.test(id) ? { id, displayName: clean(name) || id } : undefined,
      next: (reply) => reply.json().more === true ? page(number += 1) : undefined,
    });
    return { subscriptions: found, warnings };
  }
}

export const provider = serve(ExampleCloud);
