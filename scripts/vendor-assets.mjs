// Cuts Tabler to the rules that the pages use, gathers their pictures, and lays htmx and the licences beside them.
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "lightningcss";
import { PurgeCSS } from "purgecss";

const [pages, tests] = process.argv.slice(2);
const packageOf = (name) => join(dirname(fileURLToPath(import.meta.url)), "node_modules", name);
const out = join(pages, "static", "vendored");
await mkdir(out, { recursive: true });
await mkdir(join(tests, "vendored"), { recursive: true });

// Pictures of Tabler Icons, by the names that templates give them.
const icons = {
  home: "home", ask: "shopping-cart-plus", approvals: "checks", purchases: "list-details", overview: "chart-bar",
  settings: "settings", plus: "plus", check: "check", cross: "x", alert: "alert-triangle", inbox: "inbox",
  search: "search", "sign-out": "logout", file: "file-text", camera: "camera", upload: "upload", download: "download",
  clock: "clock", user: "user", users: "users", building: "building-store", calendar: "calendar", coin: "coin",
  next: "chevron-right", previous: "chevron-left", history: "history", pdf: "file-type-pdf", repeat: "repeat",
  info: "info-circle", keyboard: "keyboard", copy: "copy", pencil: "pencil", trash: "trash", key: "key",
  filter: "filter", shield: "shield-check", webhook: "webhook", wallet: "wallet", star: "star", lock: "lock",
};
const symbols = [];
for (const [name, file] of Object.entries(icons)) {
  const svg = await readFile(join(packageOf("@tabler/icons"), "icons", "outline", `${file}.svg`), "utf8");
  const body = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/<\/?svg[^>]*>/g, "").replace(/\s*\n\s*/g, "");
  symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`);
}
await writeFile(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);

const tabler = join(packageOf("@tabler/core"), "dist", "css", "tabler.min.css");
const [{ css }] = await new PurgeCSS().purge({
  content: [join(pages, "templates", "**/*.html"), join(pages, "static", "own", "*.js"), join(pages, "*.py")],
  css: [tabler],
  safelist: {
    // Colours of states, which pages put together from what the server says.
    standard: [/^bg-(azure|yellow|green|red|secondary|blue|orange)(-lt)?$/, /^text-(red|green|yellow)(-fg)?$/, "dark"],
    greedy: [/data-bs-theme/],
  },
  variables: true,
  keyframes: true,
  fontFace: true,
});
const banner = "/*! Tabler 1.6.1, MIT, cut by scripts/vendor-assets.mjs; its licence is beside it. */\n";
const small = transform({ filename: "tabler.css", code: Buffer.from(css), minify: true });
await writeFile(join(out, "tabler.css"), banner + small.code.toString());
await copyFile(join(packageOf("htmx.org"), "dist", "htmx.min.js"), join(out, "htmx.js"));
await copyFile(join(packageOf("htmx.org"), "LICENSE"), join(out, "LICENSE.htmx"));
await copyFile(join(packageOf("@tabler/icons"), "LICENSE"), join(out, "LICENSE.tabler"));
await copyFile(join(packageOf("axe-core"), "axe.min.js"), join(tests, "vendored", "axe.js"));
await copyFile(join(packageOf("axe-core"), "LICENSE"), join(tests, "vendored", "LICENSE.axe"));
