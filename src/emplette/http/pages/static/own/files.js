// What hangs on something that is asked for: taken by drop and by camera, sent at once, and named by the form.
const form = document.querySelector("form[data-files]");
const drop = document.getElementById("drop");
const list = form.querySelector(".files-list");
const tell = () => {
  for (const type of ["input", "change"]) list.dispatchEvent(new Event(type, { bubbles: true }));
};
const refuse = (file, why) => {
  const line = document.createElement("li");
  line.className = "text-danger";
  line.dataset.refused = "";
  line.textContent = `${file.name}: ${why}`;
  list.append(line);
};
const send = async (file) => {
  const body = new FormData();
  body.append("file", file, file.name);
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
  const answer = await fetch(drop.dataset.action, { method: "POST", body, headers });
  const elsewhere = answer.headers.get("HX-Redirect");
  if (elsewhere) location.assign(elsewhere);
  const told = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  const line = told.querySelector("li");
  if (line) list.append(line);
  else refuse(file, told.textContent.trim());
};
const take = async (files) => {
  for (const line of list.querySelectorAll("[data-refused]")) line.remove();
  const { most, tooMany, largest, tooLarge, lost } = drop.dataset;
  for (const file of files) {
    drop.classList.add("busy");
    if (list.querySelectorAll("input[type=hidden], input:checked").length >= Number(most)) refuse(file, tooMany);
    else if (file.size > Number(largest)) refuse(file, tooLarge);
    else await send(file).catch(() => refuse(file, lost));
    drop.classList.remove("busy");
    tell();
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
  if (!event.target.closest("[data-remove]")) return;
  event.target.closest("li").remove();
  tell();
});
