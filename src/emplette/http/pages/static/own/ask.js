// The form to ask for something: it is kept in this browser until it is sent.
const form = document.getElementById("ask");
const key = `emplette-ask-${form.dataset.user}`;
const kept = ["title", "supplier", "territory", "amount", "currency", "including", "rate", "on", "nature",
  "cost_center", "comment", "repeats", "every", "every_unit", "lasts", "lasts_unit", "notice", "notice_unit", "bound",
  "method"];
const fresh = !("filled" in form.dataset) && !form.elements.purchase.value;
const list = form.querySelector(".files-list");
const touched = new Set();

// What was sent is kept until the server says, by a cookie, that it has taken it: a lost line loses nothing.
const forget = () => {
  for (const name of [key, `${key}-sent`]) localStorage.removeItem(name);
};
const sent = localStorage.getItem(`${key}-sent`);
if (sent && document.cookie.split("; ").includes(`emplette-asked=${sent}`)) forget();

const keep = () => {
  const data = new FormData(form);
  const values = kept.filter((name) => data.get(name)).map((name) => [name, data.get(name)]);
  const files = [...list.querySelectorAll("input[type=hidden], input:checked")].map((file) => [file.value, file.parentElement.querySelector("bdi")?.textContent]);
  if (data.get("title") || data.get("supplier") || data.get("amount")) {
    localStorage.setItem(key, JSON.stringify([...values, ["files", files]]));
  }
};
const add = ([id, name]) => {
  const line = form.querySelector("#drop template").content.cloneNode(true);
  line.querySelector("input").value = id;
  line.querySelector("bdi").textContent = name;
  list.append(line);
};
const restore = () => {
  const values = JSON.parse(localStorage.getItem(key) ?? "[]");
  if (!values.length) return;
  for (const [name, value] of values) {
    touched.add(name);
    if (name === "files") value.forEach(add);
    const field = name === "files" ? null : form.elements[name];
    if (field instanceof RadioNodeList) field.value = value;
    else if (field?.type === "checkbox") field.checked = true;
    else if (field) field.value = value;
  }
  document.querySelector(".restored").hidden = false;
};
if (fresh) {
  restore();
  // Back from what was made of it, the browser fills in some of what was sent: this form is for something else.
  const [came] = performance.getEntriesByType("navigation");
  if (came?.type === "back_forward" && !localStorage.getItem(key)) addEventListener("pageshow", () => form.reset());
}
if (!form.elements.purchase.value) form.addEventListener("input", keep);
form.addEventListener("input", (event) => touched.add(event.target.name));
document.querySelector("[data-forget]").addEventListener("click", () => {
  forget();
  location.assign("/ask");
});
form.addEventListener("submit", () => localStorage.setItem(`${key}-sent`, form.elements.once.value));

// What is beside suggests what was not said yet, as it was last time.
const suggest = (suggested) => {
  let changed = false;
  for (const [name, value] of Object.entries(suggested)) {
    const field = form.elements[name];
    if (touched.has(name) || "filled" in form.dataset || field.value === value) continue;
    const before = field.value;
    field.value = value;
    if (field.value === value) changed = true;
    else field.value = before;
  }
  if (changed) form.elements.nature.dispatchEvent(new Event("change", { bubbles: true }));
};

// It tells, too, whether the supplier is a new one; then it has to be said where it is.
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "beside") return;
  form.querySelector(".when-new").hidden = !event.target.querySelector("[data-new]");
  suggest(JSON.parse(event.target.querySelector("[data-suggested]")?.dataset.suggested ?? "{}"));
});
