// The page: the form says what is chosen, the link keeps it, `show` draws it.

const FIELDS = ["net", "layer", "by", "first", "fill", "vsby", "vsfirst", "vsfill", "n"], ALWAYS = ["layer", "by", "n"];
const BY_HAND = { out: 1, in: 0 }, POSITIVE = [213, 94, 0], NEGATIVE = [0, 114, 178];
const ablated = new Map(), hand = new Map(), buttons = []; // hand: hidden neurons removed (1) and put back (0) by hand
let defaults, state, touched, drawn, working, linking;

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
  const pair = settings(), both = pair.map(curveOf), n = +form.n.value, { net, fill } = pair[0], network = networkOf(net);
  const gone = without(network, both[0].order.slice(0, n));
  hand.forEach((out, neuron) => { gone[neuron] = out; });
  const answers = kept(ablated, `${net} ${fill}`, () => new Ablated(network, fill)).without(gone);
  state = { pair, both, n, network, hits: right(answers) };
  say();
  drawAnswers(answers);
  buttons.forEach((button, neuron) => {
    if (button.ariaPressed !== `${gone[neuron] === 1}`) button.ariaPressed = gone[neuron] === 1;
    button.classList.toggle("hand", hand.has(neuron));
  });
  $("undo").hidden = !hand.size;
  drawNeuron(touched ?? both[0].order[Math.max(n - 1, 0)]);
  clearTimeout(linking);
  linking = setTimeout(keepInLink, 300);
}

/** The numbers in words, and the dots on the curves. */
function say() {
  const { pair, both: [mine, theirs], n, network, hits } = state, most = mine.order.length, { layer } = pair[0];
  const other = mine === theirs ? undefined : theirs.hits[n], run = mine.run.find(([at]) => at === n);
  const where = isNaN(layer) ? "all layers" : `layer ${layer}`, byHand = hand.size ? `, ${hand.size} set by hand` : "";
  const text = [
    `<strong>${count(hits)} of ${count(N)} ${THINGS} right (${share(hits, N)})</strong> with ${n} of the ${most} neurons of ${where} removed${byHand}`,
    ...(other === undefined ? [] : [`compared: <strong>${count(other)}</strong>`]),
    `with all neurons: ${count(right(network.intact))}`,
    ...(run && !byHand && PAGE.all > N ? [`on all ${count(PAGE.all)} test ${THINGS}: ${share(run[1], PAGE.all)}`] : []),
  ].join("; ");
  if ($("said").innerHTML !== text) $("said").innerHTML = text;
  $("count").textContent = `${n} of ${most}`;
  form.n.setAttribute("aria-valuetext", `${n} of ${most} removed, ${count(hits)} ${THINGS} right`);
  [["dot", hits], ["other", other]].forEach(([id, height], i) => {
    $(id).style.setProperty("--c", looks(pair)[i].colour);
    $(id).setAttribute("transform", `translate(${x(n, most)},${y((height ?? -N) / N)})`); // below: out of sight
  });
}

/** Rows of dots, the colour [red, green, blue] of each given by its number. */
function paint(canvas, [height, width], n, colour) {
  const dots = new ImageData(width, height);
  for (let p = 0; p < n; p++) dots.data.set([...colour(p), 255], 4 * p);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(dots, 0, 0);
}

/** Confusion, and what was right with all neurons and is wrong now. */
function drawAnswers(answers) {
  const k = PAGE.classes, counts = new Uint16Array(k * k), all = new Uint16Array(k), lost = [];
  answers.forEach((answer, i) => {
    counts[LABELS[i] * k + answer]++;
    all[LABELS[i]]++;
    if (answer !== LABELS[i] && state.network.intact[i] === LABELS[i]) lost.push(i);
  });
  document.querySelectorAll("#confusion tbody td").forEach((cell, at) => {
    cell.textContent = counts[at] || "";
    cell.style.setProperty("--much", 0.45 * Math.sqrt(counts[at] / all[Math.floor(at / k)] || 0));
  });
  const items = [...$("pictures").children], those = lost.length > items.length ? `The first ${items.length}` : "They";
  $("lost").textContent = `${count(lost.length)} ${THINGS} are right with all neurons and wrong now.`
    + (lost.length ? ` ${those}, true class → answer:` : "");
  items.forEach((item, at) => {
    item.hidden = at >= lost.length;
    if (item.hidden) return;
    item.lastChild.textContent = `${LABELS[lost[at]]} → ${answers[lost[at]]}`;
    if (!PAGE.shape) return;
    const size = inputs.length / N, colours = PAGE.shape[2] ?? 1, start = lost[at] * size;
    const level = (p, c) => 255 * inputs[start + p * colours + (c % colours)];
    paint(item.firstChild, PAGE.shape, size / colours, p => [level(p, 0), level(p, 1), level(p, 2)]);
  });
}

/** What a neuron looks at, when it is on, and its values. */
function drawNeuron(neuron) {
  const { network: { kernels, widths, data }, pair: [{ net }] } = state, [layer, j] = state.network.place(neuron);
  if (drawn === `${net} ${neuron}`) return;
  drawn = `${net} ${neuron}`;
  buttons.forEach((button, other) => button.classList.toggle("shown", other === neuron));
  $("name").textContent = `Layer ${layer + 1}, neuron ${j}`;
  const all = kernels[layer].filter((_, i) => i % widths[layer] === j), pixels = !layer && PAGE.shape;
  const colours = (pixels && PAGE.shape[2]) || 1, n = all.length / colours;
  const weights = all.slice(0, n).map((_, p) => all.subarray(p * colours, (p + 1) * colours).reduce((a, b) => a + b) / colours);
  const most = weights.reduce((a, b) => Math.max(a, Math.abs(b)), 0), part = p => Math.abs(weights[p]) / (most || 1);
  const colour = p => (weights[p] > 0 ? POSITIVE : NEGATIVE).map(full => 255 + (full - 255) * part(p));
  paint($("weights"), pixels || [Math.ceil(n / 10), Math.min(n, 10)], n, colour);
  const from = pixels ? "the pixels" : `the ${n} ${layer ? `neurons of layer ${layer}` : "inputs"}, ten a row`;
  $("from").textContent = `Its weights from ${from}: orange positive, blue negative, none larger than ${most.toFixed(2)}.`;
  data.on[neuron].forEach((on, k) => {
    $("on").rows[k].querySelector("span").style.width = `${on / 10}%`;
    $("on").rows[k].lastElementChild.textContent = (on / 1000).toFixed(2);
  });
  const measured = PAGE.orders.filter(({ key }) => data.values[key]);
  $("values").textContent = measured.map(({ key, label }) => `${label} ${data.values[key][neuron].toFixed(3)}`).join(", ");
}

/** More than the slider was changed. */
function choose() {
  const [chosen, other] = settings(), { data, widths, starts } = networkOf(chosen.net), { label } = ORDERS[chosen.by];
  const values = data.values[chosen.by];
  form.first.disabled = chosen.first === "none";
  form.vsfirst.disabled = other.first === "none";
  $("darker").textContent = values ? `more ${label}` : `later to go in its layer (${label})`;
  widths.forEach((width, l) => {
    const order = orderOf(setting(chosen.net, l + 1, chosen.by, "low")), most = values && Math.max(...order.map(i => values[i]));
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
  touched = neuron;
  show();
}

function keepInLink() {
  const values = FIELDS.map(name => [name, form[name].value]).filter(([name, value]) => ALWAYS.includes(name) || value !== defaults[name]);
  for (const [name, out] of Object.entries(BY_HAND)) {
    const set = [...hand.keys()].filter(neuron => hand.get(neuron) === out);
    if (set.length) values.push([name, set.join(".")]);
  }
  $("link").href = `#${new URLSearchParams(values)}`;
  if (location.hash !== $("link").hash) history.replaceState(null, "", $("link").hash);
}

/** Choose what a link says; what it leaves out, or says wrong, is as at first. */
function follow(link) {
  const given = new URLSearchParams(link.slice(1));
  FIELDS.forEach(name => {
    if (name === "n") form.n.max = orderOf(settings()[0]).length;
    form[name].value = given.get(name) ?? defaults[name];
    if (form[name].value === "") form[name].value = defaults[name];
  });
  hand.clear();
  for (const [name, out] of Object.entries(BY_HAND)) {
    given.get(name)?.split(".").filter(neuron => buttons[neuron]).forEach(neuron => hand.set(+neuron, out));
  }
  touched = drawn = undefined;
  choose();
}

/** Three states to begin with, and what they show in the first network. */
function suggestions() {
  const network = networkOf(1), all = Math.round(0.4 * network.size), width = network.widths[0], some = Math.round(0.6 * width);
  const first = (layer, n, by) => orderOf(setting(1, layer, by, "low")).slice(0, n), link = `layer=1&by=mi&n=${some}`;
  const left = (layer, n, by, fill = "mean") => count(right(new Ablated(network, fill).without(without(network, first(layer, n, by)))));
  const label = `lowest ${ORDERS.mi.label} first`, tries = [
    [link, `Within layer 1, ${label}`, `With ${some} of ${width} removed, ${left(1, some, "mi")} ${THINGS} stay right; by chance ${left(1, some, "chance-1")}`],
    [`${link}&vsby=same&vsfill=zero`, "Bias-balanced against zeroed", `The same neurons gone, ${left(1, some, "mi")} ${THINGS} stay right bias-balanced, ${left(1, some, "mi", "zero")} zeroed`],
  ];
  if (network.widths.length > 1) {
    const layers = first("all", all, "mi").map(neuron => network.place(neuron)[0]);
    const from = network.widths.map((_, l) => `${layers.filter(layer => layer === l).length} of layer ${l + 1}`).join(", ");
    tries.unshift([`layer=all&by=mi&n=${all}`, `Across all layers, ${label}`, `The first ${all} neurons to go are ${from}: ${left("all", all, "mi")} ${THINGS} stay right; by chance ${left("all", all, "chance-1")}`]);
  }
  $("try").innerHTML = tries.map(([link, name, found]) => `<li><a href="#${link}">${name}.</a> ${found}.</li>`).join("");
  return `#${tries[0][0]}`;
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
$("plot").onpointerdown = $("plot").onpointermove = event => {
  if (!event.buttons) return;
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform($("plot").getScreenCTM().inverse());
  slide((at.x - LEFT) / (RIGHT - LEFT));
  show();
};
$("none").onclick = () => { slide(0); byHand(); };
$("undo").onclick = () => byHand();

read().then(found => {
  inputs = found;
  document.querySelectorAll(".neurons").forEach(addButtons);
  defaults = Object.fromEntries(FIELDS.map(name => [name, form[name].value]));
  $("wrong").hidden = right(networkOf(1).intact) === PAGE.networks[0].intact;
  const first = suggestions();
  onhashchange = ({ newURL }) => follow(new URL(newURL).hash || first);
  follow(location.hash || first);
});
