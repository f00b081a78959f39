// Whoever can be mentioned becomes a button that puts the name where one writes.
for (const list of document.querySelectorAll("[data-mentions]")) {
  const field = document.getElementById(list.dataset.mentions);
  for (const item of list.children) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.append(...item.childNodes);
    button.addEventListener("click", () => {
      const before = field.value.slice(0, field.selectionStart);
      const gap = before && !/\s$/.test(before) ? " " : "";
      field.setRangeText(`${gap}${button.textContent.trim()} `, field.selectionStart, field.selectionEnd, "end");
      field.focus();
    });
    item.replaceChildren(button);
  }
}
