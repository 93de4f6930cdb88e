// The page: the form says what is chosen, the link keeps it, `show` draws it.

const FIELDS = ["net", "layer", "by", "first", "fill", "vsby", "vsfirst", "vsfill", "n"];
const SHOWN = 48; // pictures of what is lost
const subjects = new Map(), hand = new Map(); // neurons set by hand: 1 removed, 0 there
let defaults, state, touched, drawn, buttons, working, linking;

/** The inputs [N, numbers an input]: as stored, or read off their picture as Python reads bytes. */
async function read() {
  if (PAGE.inputs) return unpacked(PAGE.inputs);
  const image = Object.assign(new Image(), { src: PAGE.png });
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  const context = canvas.getContext("2d", { willReadFrequently: true }), [height, width, colours = 1] = PAGE.shape;
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height), inputs = new Float64Array(N * height * width * colours);
  for (let k = 0; k < inputs.length; k++) {
    const colour = k % colours, pixel = (k - colour) / colours, i = Math.floor(pixel / (height * width));
    const row = Math.floor(i / PAGE.columns) * height + (Math.floor(pixel / width) % height);
    inputs[k] = Math.fround(data[4 * (row * image.width + (i % PAGE.columns) * width + (pixel % width)) + colour] / 255);
  }
  return inputs;
}

/** All that a move changes. */
function show() {
  const pair = settings(), both = pair.map(curveOf), n = +form.n.value, network = networkOf(pair[0].net);
  const gone = new Uint8Array(network.size);
  both[0].order.slice(0, n).forEach(neuron => { gone[neuron] = 1; });
  hand.forEach((out, neuron) => { gone[neuron] = out; });
  const subject = kept(subjects, `${pair[0].net} ${pair[0].fill}`, () => new Ablated(network, pair[0].fill));
  const answers = subject.without(gone);
  state = { pair, both, n, network, hits: right(answers) };
  say();
  drawAnswers(answers);
  buttons.forEach((button, neuron) => {
    if (button.ariaPressed !== `${!!gone[neuron]}`) button.ariaPressed = `${!!gone[neuron]}`;
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
  const parts = [`<strong>${count(hits)} of ${count(N)} ${THINGS} right (${share(hits, N)})</strong>, ${n} of the ${most} neurons of ${where} removed${byHand}: ${words(pair[0])}.`];
  if (other !== undefined) parts.push(`Compared with ${words(pair[1])}: <strong>${count(other)}</strong>.`);
  parts.push(`With all neurons: ${count(right(network.intact))}.`);
  if (run && !byHand && PAGE.all > N) parts.push(`On all ${count(PAGE.all)} test ${THINGS}: ${share(run[1], PAGE.all)}.`);
  if ($("said").innerHTML !== parts.join(" ")) $("said").innerHTML = parts.join(" ");
  $("count").textContent = `${n} of ${most}`;
  form.n.setAttribute("aria-valuetext", `${n} of ${most} removed, ${count(hits)} ${THINGS} right`);
  [["dot", hits, look(...pair)], ["other", other, look(...pair.toReversed())]].forEach(([id, height, { colour }]) => {
    $(id).style.setProperty("--c", colour);
    $(id).setAttribute("transform", `translate(${x(n, most)},${y((height ?? -N) / N)})`);
  });
}

/** Confusion, and what was right with all neurons and is wrong now. */
function drawAnswers(answers) {
  const k = PAGE.classes, counts = new Uint16Array(k * k), all = new Uint16Array(k), { intact } = state.network;
  const lost = [];
  answers.forEach((answer, i) => {
    counts[LABELS[i] * k + answer]++;
    all[LABELS[i]]++;
    if (answer !== LABELS[i] && intact[i] === LABELS[i]) lost.push(i);
  });
  document.querySelectorAll("#confusion tbody td").forEach((cell, at) => {
    const colour = at % (k + 1) ? "--off" : "--shade", part = counts[at] / (all[Math.floor(at / k)] || 1);
    cell.textContent = counts[at] || "";
    cell.style.backgroundColor = `rgba(var(${colour}), ${(0.45 * Math.sqrt(part)).toFixed(2)})`;
  });
  const some = lost.slice(0, SHOWN), few = some.length < lost.length ? `; the first ${SHOWN} of them` : "";
  $("lost").textContent = `${count(lost.length)} ${THINGS} are right with all neurons and wrong now${few}${lost.length ? ", true class → answer:" : "."}`;
  $("pictures").childNodes.forEach((item, at) => {
    item.hidden = at >= some.length;
    if (item.hidden) return;
    const [tile, name] = item.children, i = some[at];
    name.textContent = `${LABELS[i]} → ${answers[i]}`;
    if (PAGE.shape) tile.style.backgroundPosition = `${-48 * (i % PAGE.columns)}px ${-tile.clientHeight * Math.floor(i / PAGE.columns)}px`;
  });
}

/** What a neuron looks at, when it is on, and its place in each order by a value. */
function drawNeuron(neuron) {
  const { network, pair: [{ net }] } = state, [layer, j] = network.place(neuron), width = network.widths[layer], start = network.starts[layer];
  if (drawn === `${net} ${neuron}`) return;
  drawn = `${net} ${neuron}`;
  buttons.forEach((button, other) => button.classList.toggle("shown", other === neuron));
  $("name").textContent = `Layer ${layer + 1}, neuron ${j}`;
  const kernel = network.kernels[layer], incoming = Float64Array.from({ length: kernel.length / width }, (_, i) => kernel[i * width + j]);
  const picture = !layer && PAGE.shape, colours = (picture && PAGE.shape[2]) || 1, n = incoming.length / colours;
  const [rows, columns] = picture ? PAGE.shape : [Math.ceil(n / 10), Math.min(n, 10)];
  const dots = new ImageData(columns, rows), weights = Array.from({ length: n }, (_, i) => incoming.subarray(i * colours, (i + 1) * colours).reduce((a, b) => a + b) / colours);
  const most = Math.max(...weights.map(Math.abs)) || 1;
  weights.forEach((weight, i) => {
    const far = Math.abs(weight) / most;
    dots.data.set([...(weight > 0 ? [213, 94, 0] : [0, 114, 178]).map(colour => 255 + (colour - 255) * far), 255], 4 * i);
  });
  Object.assign($("weights"), { width: columns, height: rows }).getContext("2d").putImageData(dots, 0, 0);
  const from = picture ? "from the pixels" : layer ? `from the ${n} neurons of layer ${layer}, ten a row` : `from the ${n} inputs, ten a row`;
  $("from").textContent = `Its weights ${from}: orange positive, blue negative, at most ${most.toFixed(2)} in size.`;
  network.data.on[neuron].forEach((on, y) => {
    const [bar, number] = $("on").rows[y].querySelectorAll("td");
    bar.firstChild.style.width = `${on / 10}%`;
    number.textContent = (on / 1000).toFixed(2);
  });
  $("values").innerHTML = PAGE.orders.filter(({ key }) => network.data.values[key]).map(({ key, label }) => {
    const values = network.data.values[key], place = order({ net, layer: layer + 1, by: key, first: "low" }).indexOf(start + j) + 1;
    return `<tr><th scope="row">${label}</th><td>${values[neuron].toFixed(3)}</td><td>${place} of ${width}</td></tr>`;
  }).join("");
}

/** Everything but the slider was changed: curves, shades, and then all that moves. */
function choose() {
  const [setting, other] = settings(), network = networkOf(setting.net), { order } = curveOf(setting), { by } = setting;
  form.n.max = order.length;
  form.first.disabled = !!ORDERS[setting.by].chance;
  form.vsfirst.disabled = !!ORDERS[other.by].chance;
  $("darker").textContent = network.data.values[by] ? `more ${ORDERS[by].label}` : `later in the order of its layer`;
  network.widths.forEach((width, l) => {
    const start = network.starts[l], places = new Map(orderOfLayer(setting, l).map((neuron, place) => [neuron, place]));
    const values = network.data.values[by]?.slice(start, start + width), most = values && Math.max(...values);
    for (let j = 0; j < width; j++) {
      const much = values ? values[j] / (most || 1) : places.get(start + j) / width, button = buttons[start + j];
      button.style.setProperty("--much", (0.85 * Math.max(much, 0)).toFixed(2));
      button.ariaLabel = button.title = `layer ${l + 1}, neuron ${j}${values ? `: ${ORDERS[by].label} ${values[j].toFixed(3)}` : ""}`;
    }
  });
  drawCurves();
  show();
  clearTimeout(working);
  working = setTimeout(work);
}

const orderOfLayer = ({ net, by }, l) => order({ net, layer: l + 1, by, first: "low" });

function work() {
  const done = counted();
  drawCurves();
  say();
  working = done ? 0 : setTimeout(work);
}

/** Take a hidden neuron out by hand, or put it back; without one, undo all of it. */
function byHand(neuron) {
  if (neuron === undefined) hand.clear();
  else hand.set(neuron, buttons[neuron].ariaPressed === "true" ? 0 : 1);
  touched = neuron;
  show();
}

function hash() {
  const kept = new URLSearchParams(FIELDS.filter(name => ["layer", "by", "n"].includes(name) || form[name].value !== defaults[name]).map(name => [name, form[name].value]));
  for (const [name, out] of [["out", 1], ["in", 0]]) {
    const set = [...hand].filter(entry => entry[1] === out).map(([neuron]) => neuron);
    if (set.length) kept.set(name, set.join("."));
  }
  return `#${kept}`;
}

function keepInLink() {
  $("link").href = hash();
  if (location.hash !== hash()) history.replaceState(null, "", hash());
}

/** Choose what a link says; what it leaves out, or says wrong, is as at first. */
function follow(text) {
  const given = new URLSearchParams(text.slice(1));
  const put = (name, value) => {
    form[name].value = value ?? defaults[name];
    if (form[name].selectedIndex === -1) form[name].value = defaults[name];
  };
  FIELDS.slice(0, -1).forEach(name => put(name, given.get(name)));
  form.n.max = curveOf(settings()[0]).order.length;
  put("n", given.get("n"));
  hand.clear();
  for (const [name, out] of [["out", 1], ["in", 0]]) {
    (given.get(name) || "").split(".").filter(neuron => neuron && buttons[neuron]).forEach(neuron => hand.set(+neuron, out));
  }
  touched = drawn = undefined;
  choose();
}

/** Three states to begin with, and what they show in this network, in numbers. */
function suggestions() {
  const network = networkOf("1"), depth = network.widths.length, tries = [];
  const hits = (layer, n, by, fill = "mean") => {
    const setting = { net: "1", layer, by, first: ORDERS[by].chance ? "none" : "low", fill }, gone = new Uint8Array(network.size);
    const out = order(setting).slice(0, n);
    out.forEach(neuron => { gone[neuron] = 1; });
    return [count(right(new Ablated(network, fill).without(gone))), out];
  };
  const label = `lowest ${ORDERS.mi.label} first`, all = Math.round(0.4 * network.size), width = network.widths[0], some = Math.round(0.6 * width);
  if (depth > 1) {
    const [left, out] = hits("all", all, "mi"), from = network.widths.map((_, l) => `${out.filter(neuron => network.place(neuron)[0] === l).length} of layer ${l + 1}`);
    tries.push([`layer=all&by=mi&n=${all}`, `Across all layers, ${label}`, `the first ${all} neurons to go are ${from.join(", ")}. ${left} ${THINGS} stay right; by chance ${hits("all", all, "chance-1")[0]}.`]);
  }
  tries.push([`layer=1&by=mi&n=${some}`, `Within layer 1, ${label}`, `with ${some} of ${width} removed, ${hits("1", some, "mi")[0]} ${THINGS} stay right; by chance ${hits("1", some, "chance-1")[0]}.`]);
  tries.push([`layer=1&by=mi&n=${some}&vsby=same&vsfill=zero`, "Bias-balanced against zeroed", `the same neurons gone, ${hits("1", some, "mi")[0]} ${THINGS} stay right bias-balanced, ${hits("1", some, "mi", "zero")[0]} zeroed.`]);
  $("try").innerHTML = tries.map(([link, name, found]) => `<li><a href="#${link}">${name}</a>: ${found}</li>`).join("");
  return `#${tries[0][0]}`;
}

/** Buttons of the neurons: one of a layer is in the order of the tab key, arrow keys lead to the others. */
function addButtons(grid, l) {
  grid.append(...Array.from({ length: PAGE.hidden[l] }, (_, j) => {
    const neuron = buttons.length, button = Object.assign(document.createElement("button"), { type: "button", tabIndex: j ? -1 : 0, ariaPressed: "false" });
    button.onclick = () => byHand(neuron);
    button.onfocus = button.onpointerenter = () => { touched = neuron; drawNeuron(neuron); };
    buttons.push(button);
    return button;
  }));
  grid.onkeydown = event => {
    const all = [...grid.children], at = all.indexOf(event.target), columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    const to = all[at + { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key]];
    if (!to) return;
    event.preventDefault();
    [event.target.tabIndex, to.tabIndex] = [-1, 0];
    to.focus();
  };
}

async function start() {
  inputs = await read();
  buttons = [];
  document.querySelectorAll(".neurons").forEach(addButtons);
  const tile = document.createElement("span"), size = PAGE.shape && (48 * PAGE.shape[0]) / PAGE.shape[1];
  tile.className = "tile";
  if (PAGE.shape) Object.assign(tile.style, { height: `${size}px`, backgroundImage: `url(${PAGE.png})`, backgroundSize: `${48 * PAGE.columns}px auto` });
  for (let i = 0; i < SHOWN; i++) {
    const item = document.createElement("li");
    item.append(tile.cloneNode(), document.createElement("span"));
    $("pictures").append(item);
  }
  defaults = Object.fromEntries(FIELDS.map(name => [name, form[name].value]));
  $("wrong").hidden = right(networkOf(form.net.value).intact) === PAGE.networks[form.net.value - 1].intact;
  const first = suggestions();
  follow(location.hash || first);
  addEventListener("hashchange", () => follow(location.hash || first));
}

$("choices").oninput = ({ target }) => {
  if (target === form.n) return (touched = undefined, show());
  const part = form.n.value / form.n.max;
  form.n.max = curveOf(settings()[0]).order.length;
  form.n.value = Math.round(part * form.n.max);
  if (target === form.net) { hand.clear(); touched = undefined; }
  choose();
};
$("none").onclick = () => { form.n.value = 0; byHand(); };
$("undo").onclick = () => byHand();
$("plot").onpointerdown = $("plot").onpointermove = event => {
  if (!event.buttons) return;
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform($("plot").getScreenCTM().inverse());
  form.n.value = Math.round(((at.x - LEFT) / (RIGHT - LEFT)) * form.n.max);
  touched = undefined;
  show();
};
start();
