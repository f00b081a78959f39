// What every page does: a form is sent once, menus close, and the keyboard goes through lists.
const once = (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button:not([type=button])")) button.classList.add("btn-loading");
};
document.addEventListener("submit", once);

// What was typed into a form is kept until it is answered: whoever has to sign in again on the way finds it again.
const typedKey = "emplette-typed";
const { person } = document.body.dataset;
const written = (form) => [...form.querySelectorAll("textarea, input[type=text]")].filter((field) => field.name);
document.addEventListener("submit", ({ target: form }) => {
  if (form.method !== "post" || !person) return;
  const values = written(form).map((field) => [field.name, field.value]);
  sessionStorage.setItem(typedKey, JSON.stringify({ person, action: form.getAttribute("action"), values }));
});
const typed = JSON.parse(sessionStorage.getItem(typedKey) ?? "null");
if (typed && !person) {
  sessionStorage.setItem(typedKey, JSON.stringify({ ...typed, interrupted: true }));
} else if (typed) {
  sessionStorage.removeItem(typedKey);
  const form = document.querySelector(`form[action="${CSS.escape(typed.action)}"]`);
  const values = new Map(typed.interrupted && typed.person === person ? typed.values : []);
  for (const field of form ? written(form) : []) if (!field.value) field.value = values.get(field.name) ?? "";
}

// Back from the next page: what was sent may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll(".btn-loading")) button.classList.remove("btn-loading");
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.account[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of document.querySelectorAll("details.account[open]")) menu.open = false;
});

// A form that filters is sent as soon as a choice is made.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-at-once]");
  if (form) form.requestSubmit();
});

// A secret is copied by a button, where the browser can.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.copied;
  });
}
