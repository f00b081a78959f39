// Views that somebody keeps: the filters of the list under a name, in this browser.
const views = document.querySelector("[data-views]");
const key = `emplette-views-${views.dataset.views}`;
const list = views.querySelector(".views-list");
const kept = () => JSON.parse(localStorage.getItem(key) ?? "{}");

const show = () => {
  list.replaceChildren();
  for (const [name, query] of Object.entries(kept())) {
    const link = document.createElement("a");
    link.className = "btn btn-sm";
    link.href = `/purchases?${query}`;
    link.textContent = name;
    const gone = document.createElement("button");
    gone.type = "button";
    gone.className = "btn btn-sm btn-icon";
    gone.textContent = "×";
    gone.setAttribute("aria-label", `× ${name}`);
    gone.addEventListener("click", () => {
      const rest = kept();
      delete rest[name];
      localStorage.setItem(key, JSON.stringify(rest));
      show();
    });
    const group = document.createElement("span");
    group.className = "btn-group";
    group.append(link, gone);
    list.append(group);
  }
};
views.querySelector("[data-keep-view]").addEventListener("click", (event) => {
  const name = prompt(event.currentTarget.dataset.ask)?.trim();
  if (!name) return;
  localStorage.setItem(key, JSON.stringify({ ...kept(), [name]: location.search.slice(1) }));
  show();
});
views.hidden = false;
show();
