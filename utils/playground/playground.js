// The page: the form says what is chosen, the link keeps it, `show` draws it.

const FIELDS = ["net", "layer", "by", "first", "fill", "vsby", "vsfirst", "vsfill", "n"], ALWAYS = ["layer", "by", "n"];
const BY_HAND = { out: 1, in: 0 };
const ablated = new Map();
let defaults, touched, working, linking;

/** The inputs, as stored or read off their picture, whose rows are images, as Python reads its bytes. */
async function read() {
  if (PAGE.inputs) return unpacked(PAGE.inputs);
  const image = Object.assign(new Image(), { src: PAGE.png }), colours = PAGE.shape[2] ?? 1;
  await image.decode();
  const { width, height } = image, canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const level = (_, k) => Math.fround(data[4 * Math.floor(k / colours) + (k % colours)] / 255);
  return Float64Array.from({ length: width * height * colours }, level);
}

/** All that a move changes. */
function show() {
  const pair = settings(), both = pair.map(curveOf), n = +form.n.value;
  const { net, fill } = pair[0], network = networkOf(net);
  const gone = without(network, both[0].order.slice(0, n));
  hand.forEach((out, neuron) => { gone[neuron] = out; });
  const answers = kept(ablated, `${net} ${fill}`, () => new Ablated(network, fill)).without(gone);
  state = { pair, both, n, network, gone, hits: right(answers) };
  say();
  drawAnswers(answers);
  buttons.forEach((button, neuron) => {
    if (button.ariaPressed !== `${gone[neuron] === 1}`) button.ariaPressed = gone[neuron] === 1;
    button.classList.toggle("hand", hand.has(neuron));
  });
  $("undo").disabled = !hand.size;
  const neuron = touched ?? both[0].order[Math.max(n - 1, 0)];
  drawNeuron(neuron);
  $("neuron").style.setProperty("--o", network.place(neuron)[0] + 1); // under its layer, where there is one column
  clearTimeout(linking);
  linking = setTimeout(keepInLink, 300);
}

/** More than the slider was changed. */
function choose() {
  const [chosen, other] = settings(), { data, widths, starts } = networkOf(chosen.net), { label } = ORDERS[chosen.by];
  const values = data.values[chosen.by];
  form.first.disabled = chosen.first === "none";
  form.vsfirst.disabled = other.first === "none";
  [chosen, other].forEach(({ by, fill }, i) => [["by", ORDERS[by].is], ["fill", PAGE.fills[fill].is]].forEach(([of, is]) => {
    const name = `${i ? "vs" : ""}${of}`;
    $(`${name}-is`).textContent = form[name].value === "same" ? "" : is;
  }));
  if (chosen.layer === "ranks") $("by-is").append(" By ranks within layers: about the same share of each goes.");
  $("darker").textContent = values ? `more ${label}` : `later to go in its layer (${label})`;
  widths.forEach((width, l) => {
    const order = orderOf(setting(chosen.net, l + 1, chosen.by, "low")), most = values?.[order.at(-1)];
    order.forEach((neuron, place) => {
      const button = buttons[neuron], value = values ? `: ${label} ${values[neuron].toFixed(3)}` : "";
      button.style.setProperty("--much", 0.85 * (values ? values[neuron] / (most || 1) : place / width));
      button.ariaLabel = button.title = `layer ${l + 1}, neuron ${neuron - starts[l]}${value}`;
    });
  });
  show();
  clearTimeout(working);
  work();
}

/** Count curves, a slice at a time. */
function work() {
  const done = counted();
  $("plot").ariaBusy = !done;
  drawCurves();
  say();
  if (!done) working = setTimeout(work);
}

/** Take a hidden neuron out by hand, or put it back; without one, undo all that was done by hand. */
function byHand(neuron) {
  if (neuron === undefined) hand.clear();
  else hand.set(neuron, buttons[neuron].ariaPressed === "true" ? 0 : 1);
  const top = () => buttons[neuron]?.getBoundingClientRect().top ?? 0, before = top();
  touched = neuron;
  show();
  scrollBy(0, top() - before); // it stays under the finger
}

function keepInLink() {
  const told = FIELDS.filter(name => ALWAYS.includes(name) || form[name].value !== defaults[name]);
  const values = told.map(name => [name, form[name].value]);
  for (const [name, out] of Object.entries(BY_HAND)) {
    const set = [...hand.keys()].filter(neuron => hand.get(neuron) === out);
    if (set.length) values.push([name, set.join(".")]);
  }
  $("copied").textContent = "";
  $("link").href = `#${new URLSearchParams(values)}`;
  if (location.hash !== $("link").hash) history.replaceState(null, "", $("link").hash);
}

/** Put what a link says into the form; what it leaves out, or says wrong, is as at first. */
function put(link) {
  const given = new URLSearchParams(link.slice(1));
  FIELDS.forEach(name => {
    if (name === "n") form.n.max = orderOf(settings()[0]).length;
    form[name].value = given.get(name) ?? defaults[name];
    if (form[name].value === "") form[name].value = defaults[name];
  });
  hand.clear();
  for (const [name, out] of Object.entries(BY_HAND)) {
    for (const neuron of given.get(name)?.split(".") ?? []) if (buttons[neuron]) hand.set(+neuron, out);
  }
}

function follow(link) {
  put(link);
  touched = drawn = undefined;
  choose();
}

/** What a link's state shows, in words and numbers. */
function shown(link) {
  put(link);
  const n = +form.n.value, pair = settings(), network = networkOf(pair[0].net);
  const gone = pair.map(setting => without(network, orderOf(setting).slice(0, n)));
  const [own, other] = pair.map(({ fill }, i) => count(right(new Ablated(network, fill).without(gone[i]))));
  const layers = ofLayers(fromLayers(network, gone[0])), { layer } = pair[0];
  return `does ${["worse than", "as well as", "better than"][Math.sign(own - other) + 1]} ${against(pair)}: ${count(own)} `
    + `${THINGS} right (${isNaN(layer) ? layers.join(", ") : layers[layer - 1]} removed) against ${count(other)}.`;
}

/** A layer's buttons: one is in the order of the tab key, arrow keys lead to the others. */
function addButtons(grid, l) {
  for (let j = 0; j < PAGE.hidden[l]; j++) {
    const neuron = buttons.length, button = document.createElement("button");
    Object.assign(button, { type: "button", tabIndex: j ? -1 : 0, onclick: () => byHand(neuron) });
    button.onfocus = button.onpointerenter = () => { touched = neuron; drawNeuron(neuron); };
    buttons.push(button);
    grid.append(button);
  }
  grid.onkeydown = event => {
    const all = [...grid.children], columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    const to = all[all.indexOf(event.target) + step];
    if (!to) return;
    event.preventDefault();
    [event.target.tabIndex, to.tabIndex] = [-1, 0];
    to.focus();
  };
}

/** Move the slider to a share of its way; a neuron that was touched is let go. */
function slide(part) {
  form.n.value = Math.round(part * form.n.max);
  touched = undefined;
}

$("choices").oninput = ({ target }) => {
  const part = form.n.value / form.n.max;
  if (target !== form.n) form.n.max = orderOf(settings()[0]).length;
  slide(part);
  if (target === form.net) hand.clear();
  if (target === form.n) show();
  else choose();
};
$("plot").onclick = $("plot").onpointerdown = $("plot").onpointermove = event => {
  if (event.type === "pointermove" && !event.buttons) return;
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform($("plot").getScreenCTM().inverse());
  slide((at.x - LEFT) / (RIGHT - LEFT));
  show();
};
$("none").onclick = () => { slide(0); byHand(); };
$("undo").onclick = () => byHand();
$("link").onclick = event => {
  if (!navigator.clipboard) return;
  event.preventDefault();
  keepInLink();
  const { href } = $("link");
  navigator.clipboard.writeText(href).then(() => { $("copied").textContent = "copied"; }, () => { location.href = href; });
};

read().then(numbers => {
  inputs = numbers;
  document.querySelectorAll(".neurons").forEach(addButtons);
  defaults = Object.fromEntries(FIELDS.map(name => [name, form[name].value]));
  $("wrong").hidden = right(networkOf(1).intact) === PAGE.networks[0].intact;
  const links = [...document.querySelectorAll(".try a")], first = links[0].hash;
  links.forEach(link => {
    link.nextElementSibling.textContent = shown(link.hash);
    link.onclick = () => document.querySelectorAll(".plot, #said").forEach(part => part.scrollIntoView({ block: "nearest" }));
  });
  onhashchange = ({ newURL }) => follow(new URL(newURL).hash || first);
  follow(location.hash || first);
});
