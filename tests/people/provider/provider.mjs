// A provider that vouches for people: certified software of others, told who there is and who may ask.
// node provider.mjs PLACE PORT ADDRESS-TO-COME-BACK-TO: the software is below PLACE.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [place, port, comeBack] = process.argv.slice(2);
const found = createRequire(join(place, "package.json")).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(found));

const people = {
  olive: { email: "USER35@example.test", email_verified: true },
  claimed: { email: "user35@example.test", email_verified: false },
  stranger: { email: "stranger@example.test", email_verified: true },
};

// It calls itself by an address with a slash at the end, as some of those do that companies use.
const provider = new Provider(`http://127.0.0.1:${port}/`, {
  clients: [
    {
      client_id: "emplette",
      client_secret: "between us: 100%+no secret",
      redirect_uris: [comeBack],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["for a test"] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
