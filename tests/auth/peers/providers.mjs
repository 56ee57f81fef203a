// Certified OpenID providers, one for each issuer named on the first line of the input, all at one port.
// Its end is the end of the input, so that none is left behind by tests that were killed.
//
//   node providers.mjs FOLDER_OF_MODULES  <  {"issuers": ["ca-rcmp", …]}   →   {"port": 40123}
//
// POST /control/{issuer} with {"client": {…}} registers or changes a client, {"person": …, "claims": {…}} says
// what is known of a person, {"person": …, "closed": true} closes their account, {"rotate": true} signs with a new key from now on and drops the one before.
import { createHash, generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { Provider } = await import(pathToFileURL(join(process.argv[2], "oidc-provider", "lib", "index.js")).href);

const SCOPES = "openid profile offline_access";
const TIMES = ["AccessToken", "AuthorizationCode", "Grant", "IdToken", "Interaction", "RefreshToken", "Session"];

/** What one issuer remembers; it outlives the provider that a rotation of keys replaces. */
function memory() {
  const kept = new Map();
  return class {
    constructor(model) {
      this.prefix = `${model}:`;
    }
    async upsert(id, payload) {
      kept.set(this.prefix + id, payload);
      for (const name of ["uid", "userCode"]) if (payload[name]) kept.set(`${name}:${payload[name]}`, id);
    }
    async find(id) {
      return kept.get(this.prefix + id);
    }
    async findByUid(uid) {
      return this.find(kept.get(`uid:${uid}`));
    }
    async findByUserCode(code) {
      return this.find(kept.get(`userCode:${code}`));
    }
    async consume(id) {
      kept.get(this.prefix + id).consumed = Math.floor(Date.now() / 1000);
    }
    async destroy(id) {
      kept.delete(this.prefix + id);
    }
    async revokeByGrantId(grant) {
      for (const [name, payload] of kept) if (payload.grantId === grant) kept.delete(name);
    }
  };
}

function newKey() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256", kid: randomUUID() };
}

class Issuer {
  constructor(name, origin) {
    Object.assign(this, { name, origin, adapter: memory(), people: new Map(), closed: new Set(), cookieKey: randomUUID() });
    this.rotate();
  }

  rotate() {
    this.provider = new Provider(`${this.origin}/${this.name}`, this.#configuration());
  }

  async control({ client, person, claims, closed, rotate }) {
    if (client) await new this.adapter("Client").upsert(client.client_id, client);
    if (person && claims) this.people.set(person, claims);
    if (person && closed) this.closed.add(person);
    if (rotate) this.rotate();
  }

  /** The page where a person says who they are: here the one who the browser says it is, or who turns back. */
  async interact(request, response) {
    const { params } = await this.provider.interactionDetails(request, response);
    const result =
      params.login_hint === "cancel"
        ? { error: "access_denied", error_description: "The person turned back." }
        : { login: { accountId: params.login_hint, amr: ["pwd", "mfa"], acr: "urn:high" } };
    await this.provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }

  #configuration() {
    return {
      jwks: { keys: [newKey()] },
      adapter: this.adapter,
      enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
      conformIdTokenClaims: false,
      acrValues: ["urn:high"],
      claims: { openid: ["sub", "acr", "amr", "auth_time", "organization", "oid"], profile: ["name"], sid: null, iss: null },
      subjectTypes: ["public", "pairwise"],
      // By client, as Entra ID does, and not by the host of its addresses: here all clients have one.
      pairwiseIdentifier: (_, id, client) => createHash("sha256").update(`${client.clientId} ${id}`).digest("hex"),
      ttl: Object.fromEntries(TIMES.map((name) => [name, 600])),
      issueRefreshToken: async () => true,
      rotateRefreshToken: true,
      interactions: { url: (_, interaction) => `/${this.name}/interaction/${interaction.uid}` },
      findAccount: async (_, id) =>
        this.closed.has(id) ? undefined : { accountId: id, claims: async () => ({ sub: id, ...this.people.get(id) }) },
      loadExistingGrant: async ({ oidc }) => {
        const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
        grant.addOIDCScope(SCOPES);
        await grant.save();
        return grant;
      },
      // All issuers are on one host: each must find its own session only, as on 28 hosts.
      cookies: {
        keys: [this.cookieKey],
        names: { session: `_session_${this.name}` },
        long: { path: `/${this.name}`, httpOnly: true, sameSite: "lax" },
      },
      // The provider asks no address of the machine it runs on, unless it is told how.
      fetch: (address, { dispatcher, ...options }) => fetch(address, options),
      features: {
        devInteractions: { enabled: false },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: {
          enabled: true,
          logoutSource: async (context, form) => {
            context.body = `<!doctype html>${form}<button form="op.logoutForm" name="logout" value="yes">Out</button>`;
          },
        },
      },
    };
  }
}

async function read(request) {
  let text = "";
  for await (const part of request) text += part;
  return JSON.parse(text);
}

const issuers = new Map();

async function answer(request, response) {
  const [, first, second] = request.url.split("?")[0].split("/");
  if (first === "control") {
    await issuers.get(second).control(await read(request));
    return response.writeHead(204).end();
  }
  const issuer = issuers.get(first);
  if (!issuer) return response.writeHead(404).end();
  if (second === "interaction") return issuer.interact(request, response);
  request.originalUrl = request.url;
  request.url = request.url.slice(first.length + 1) || "/";
  return issuer.provider.callback()(request, response);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
});
const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => {
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    for (const name of JSON.parse(line).issuers) issuers.set(name, new Issuer(name, `http://127.0.0.1:${port}`));
    console.log(JSON.stringify({ port }));
  });
});
lines.once("close", () => process.exit(0));
