// What is seen of a state: numbers in words, confusion, what is lost, a neuron.

const POSITIVE = [213, 94, 0], NEGATIVE = [94, 60, 153];
const hand = new Map(), buttons = []; // hidden neurons removed (1) and put back (0) by hand; a button each
let state, drawn;

const sum = numbers => numbers.reduce((a, b) => a + b), ofLayers = counts => counts.map((k, l) => `${k} of layer ${l + 1}`);
const fromLayers = ({ starts, widths }, gone) => widths.map((width, l) => sum(gone.slice(starts[l], starts[l] + width)));

/** The numbers in words, and the dots on the curves. */
function say() {
  const { pair, both: [mine, theirs], n, network, gone, hits } = state, most = mine.order.length, { layer } = pair[0];
  const other = theirs.hits[n], run = mine.run.find(([at]) => at === n), ordered = new Set(mine.order.slice(0, n));
  const [more, back] = [1, 0].map(out => [...hand].filter(([i, is]) => is === out && ordered.has(i) !== !!out).length);
  const counts = fromLayers(network, gone), all = sum(counts), byHand = more || back;
  const parts = [`<strong>${count(hits)} of ${count(N)} ${THINGS} right (${share(hits, N)})</strong> with `];
  if (all === counts[layer - 1]) parts[0] += `${all} of the ${most} neurons of layer ${layer} removed`;
  else parts[0] += `${all} of the ${network.size} neurons removed (${ofLayers(counts).join(", ")})`;
  if (byHand) parts[0] += `: ${n} by the order${more ? `, ${more} by hand` : ""}${back ? `, ${back} put back by hand` : ""}`;
  const number = other === undefined ? "computing …" : `<strong>${count(other)}</strong>`;
  if (mine !== theirs) parts.push(`${against(pair)}${byHand ? `, ${n} removed` : ""}: <span class="wait">${number}</span>`);
  parts.push(`with all neurons: ${count(right(network.intact))}`);
  if (run && !byHand && PAGE.all > N) parts.push(`on ${ALL}: ${share(run[1], PAGE.all)}`);
  const text = parts.map(part => `<span>${part}</span>`).join(" ");
  $("now").textContent = `${count(hits)} of ${count(N)} ${THINGS} right`;
  if ($("said").innerHTML !== text) $("said").innerHTML = text;
  $("count").textContent = `${n} of ${most}`;
  form.n.setAttribute("aria-valuetext", `${n} of ${most} removed, ${count(hits)} ${THINGS} right`);
  [["dot", hits], ["other", mine === theirs ? undefined : other]].forEach(([id, height], i) => {
    $(id).style.setProperty("--c", ORDERS[pair[i].by].colour);
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
  const items = [...$("pictures").children], few = lost.length > items.length ? `, the first ${items.length}` : "";
  const stay = right(state.network.intact) - lost.length, won = state.hits - stay;
  $("lost").textContent = `${count(lost.length)} ${THINGS} right before, wrong now; ${count(stay)} stay right, `
    + `${count(won)} right only now. True class → answer${few}:`;
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
  const { network, pair: [{ net }] } = state, { kernels, widths, data } = network, [layer, j] = network.place(neuron);
  if (drawn === `${net} ${neuron}`) return;
  drawn = `${net} ${neuron}`;
  buttons.forEach((button, other) => button.classList.toggle("shown", other === neuron));
  $("name").textContent = `Layer ${layer + 1}, neuron ${j}`;
  const all = kernels[layer].filter((_, i) => i % widths[layer] === j), pixels = !layer && PAGE.shape;
  const colours = (pixels && PAGE.shape[2]) || 1, n = all.length / colours;
  const mean = (_, p) => all.subarray(p * colours, (p + 1) * colours).reduce((a, b) => a + b) / colours;
  const weights = Float64Array.from({ length: n }, mean), most = Math.max(...weights.map(Math.abs)) || 1;
  const sign = p => (weights[p] > 0 ? POSITIVE : NEGATIVE), part = p => Math.abs(weights[p]) / most;
  const colour = p => sign(p).map(full => 255 + (full - 255) * part(p));
  paint($("weights"), pixels || [Math.ceil(n / 10), Math.min(n, 10)], n, colour);
  const from = pixels ? "the pixels" : `the ${n} ${layer ? `neurons of layer ${layer}` : "inputs"}, ten a row`;
  $("from").textContent = `Its weights from ${from}: orange positive, purple negative, the largest ${most.toFixed(2)}.`;
  data.on[neuron].forEach((on, k) => {
    $("on").rows[k].querySelector("span").style.width = `${on / 10}%`;
    $("on").rows[k].lastElementChild.textContent = (on / 1000).toFixed(2);
  });
  const value = ([key, values]) => `${ORDERS[key].label} ${values[neuron].toFixed(3)}`;
  $("values").textContent = Object.entries(data.values).map(value).join(", ");
}
