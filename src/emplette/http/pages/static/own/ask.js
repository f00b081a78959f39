// The form to ask for something: it is kept in this browser until it is sent, and takes files by drop and by camera.
const form = document.getElementById("ask");
const key = `emplette-ask-${form.dataset.user}`;
const kept = ["title", "supplier", "territory", "amount", "currency", "including", "rate", "on", "nature",
  "cost_center", "comment", "repeats", "every", "every_unit", "lasts", "lasts_unit", "notice", "notice_unit", "bound",
  "method"];
const fresh = !("filled" in form.dataset) && !form.elements.purchase.value;

const keep = () => {
  const data = new FormData(form);
  const values = kept.filter((name) => data.get(name)).map((name) => [name, data.get(name)]);
  if (data.get("title") || data.get("supplier") || data.get("amount")) {
    localStorage.setItem(key, JSON.stringify(values));
  }
};
const restore = () => {
  const values = JSON.parse(localStorage.getItem(key) ?? "[]");
  if (!values.length) return;
  for (const [name, value] of values) {
    const field = form.elements[name];
    if (field instanceof RadioNodeList) field.value = value;
    else if (field?.type === "checkbox") field.checked = true;
    else if (field) field.value = value;
  }
  document.querySelector(".restored").hidden = false;
};
if (fresh) {
  restore();
  form.addEventListener("input", keep);
}
document.querySelector("[data-forget]").addEventListener("click", () => {
  localStorage.removeItem(key);
  location.assign("/ask");
});
form.addEventListener("submit", () => localStorage.removeItem(key));

// What is beside tells whether the supplier is a new one; then it has to be said where it is.
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "beside") return;
  form.querySelector(".when-new").hidden = !event.target.querySelector("[data-new]");
});

const drop = document.getElementById("drop");
const list = drop.querySelector(".files-list");
const take = async (files) => {
  for (const file of files) {
    list.querySelector("[data-refused]")?.remove();
    if (list.children.length >= Number(drop.dataset.most)) return;
    const body = new FormData();
    body.append("file", file, file.name);
    drop.classList.add("busy");
    try {
      const answer = await fetch(drop.dataset.action, { method: "POST", body, headers: { "HX-Request": "true" } });
      list.insertAdjacentHTML("beforeend", await answer.text());
    } finally {
      drop.classList.remove("busy");
    }
  }
};
for (const picker of drop.querySelectorAll("input[type=file]")) {
  picker.addEventListener("change", async () => {
    await take([...picker.files]);
    picker.value = "";
  });
}
drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  take([...event.dataTransfer.files]);
});
list.addEventListener("click", (event) => {
  if (event.target.closest("[data-remove]")) event.target.closest("li").remove();
});
