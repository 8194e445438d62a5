// Example Cloud. The host signs people in by the descriptor; `discover` yields requests, which the host
// sends. The same inputs must give the same outputs.
import { clean, get, list, serve } from "./portico/portico.js";

const PATH = "/api/projects";
const PLAIN = /^[!-~]{1,128}$/; // a valid id

export class ExampleCloud {
  static descriptor = {
    id: "example-cloud",
    name: "Example Cloud",
    version: "0.1.0",
    accountNoun: "project",
    settings: [{
      key: "address",
      label: "Address",
      help: "where the cloud is, for people and for its API",
      kind: "url",
      default: "https://cloud.example",
    }],
    signIn: { openid: "{address}", scopes: ["openid", "profile", "projects"], clientAuth: "post" },
    people: { subject: "/sub", displayName: "/name", username: "/email" },
    permissions: [{
      name: "read",
      why: "lists the projects that the signed-in person can see",
      hosts: ["{address}"],
      paths: [PATH],
    }],
  };

  constructor({ address }) {
    this.projects = address + PATH;
  }

  *discover() {
    const page = (number) => get(`${this.projects}?page=${number}`, { permission: "read" });
    let number = 1;
    const { found, warnings } = yield* list(page(number), {
      what: "projects",
      entries: (body) => body.projects,
      read: ({ id, name }) =>
        typeof id === "string" && PLAIN.test(id) ? { id, displayName: clean(name) } : undefined,
      next: (reply) => reply.json().more === true ? page(number += 1) : undefined,
    });
    return { subscriptions: found, warnings };
  }
}

export const provider = serve(ExampleCloud);
