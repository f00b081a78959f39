// Deciding with the keyboard: j and k go through the list, x ticks, a approves and d denies what is shown.
const lines = [...document.querySelectorAll("[data-list] a")];
const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

if (lines.length && document.activeElement === document.body) lines[0].focus();

const move = (step) => {
  const here = document.activeElement.closest("li");
  const place = here ? lines.findIndex((line) => here.contains(line)) : -1;
  const next = lines[Math.min(lines.length - 1, Math.max(0, place + step))];
  if (next) next.focus();
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) return;
  if (lines.length && (event.key === "j" || event.key === "k")) {
    move(event.key === "j" ? 1 : -1);
    event.preventDefault();
    return;
  }
  if (lines.length && event.key === "x") {
    document.activeElement.closest("li")?.querySelector("[type=checkbox]")?.click();
    return;
  }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  const comment = document.getElementById("comment");
  if (event.key === "d" && comment && !comment.value.trim()) comment.focus();
  else target.click();
});
