// Exchanges the drawing for the one with a layer unfolded or folded. Facts: for each layer
// the number of its drawing, and the way to it.
const crumbs = find(".gn-crumbs");
const hint = crumbs.textContent;

const crumb = (label, key, isLast) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.disabled = isLast;
  button.onclick = () => show(key, true);
  return button;
};
const show = (key, focus) => {
  const [at, way] = facts[key];
  find(".gn-stage").innerHTML = drawing(at);
  crumbs.replaceChildren(crumb("network", "all", !way.length));
  way.forEach(([label, to], i) => crumbs.append(" ▸ ", crumb(label, to, i === way.length - 1)));
  if (!way.length) crumbs.append(hint);
  for (const area of place.querySelectorAll("[data-opens]")) {
    const to = area.dataset.opens;
    if (!facts[to]) {
      area.removeAttribute("data-opens");
      continue;
    }
    area.setAttribute("tabindex", 0);
    area.setAttribute("role", "button");
    area.onclick = () => show(to, true);
    area.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      show(to, true);
    };
  }
  const first = find(`[data-opens^="${CSS.escape(key.split(":")[0])}."]`);
  first?.scrollIntoView({ inline: "center", block: "nearest" });
  if (focus) (crumbs.querySelector("button:enabled") ?? find("[data-opens]"))?.focus();
};
show("all", false);
