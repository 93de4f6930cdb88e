// Folds, boxes that scroll, and the search; all of it works from a file.
const all = (selector) => [...document.querySelectorAll(selector)];
const [menu, button, field, hits, found] =
  ["nav.side details", "#all", "#search", "#hits", "#found"].map((one) => all(one)[0]);

menu.open = innerWidth >= 960;

const folds = all("details.code");
if (button) {
  button.hidden = folds.length === 0;
  button.onclick = () => {
    const open = button.textContent === "show all code";
    for (const fold of folds) fold.open = open;
    button.textContent = open ? "hide all code" : "show all code";
  };
}

// a box with more than it shows can be scrolled by the keyboard, and says so
const sizes = new ResizeObserver((boxes) => {
  for (const { target } of boxes) {
    const more = target.scrollWidth > target.clientWidth + 1;
    target.toggleAttribute("tabindex", more);
    if (more) target.tabIndex = 0;
    target.classList.toggle("more", more);
  }
});
for (const box of all(".scroll, .formula, .output, .highlight pre, .text pre, .text table")) sizes.observe(box);

field.oninput = () => {
  const words = field.value.toLowerCase().split(/\s+/).filter((word) => word.length > 1);
  const holds = (section) => words.every((word) => section.text.toLowerCase().includes(word));
  const sections = words.length ? SECTIONS.filter(holds) : [];
  hits.textContent = words.length ? `${sections.length} section${sections.length === 1 ? "" : "s"}` : "";
  found.replaceChildren(...sections.map(({ url, heading, text }) => {
    const item = document.createElement("li"), link = document.createElement("a");
    const start = Math.max(0, text.toLowerCase().indexOf(words[0]) - 40);
    link.href = url;
    link.textContent = heading;
    item.append(link, ` … ${text.slice(start, start + 120)} …`);
    return item;
  }));
};
