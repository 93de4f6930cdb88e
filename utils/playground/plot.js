// What is chosen and what it is compared with: their orders, their curves, the plot. Curves are counted in slices,
// so that the page stays alive.

const PAGE = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id), form = $("choices").elements;
const LABELS = unpacked(PAGE.labels), N = LABELS.length, THINGS = PAGE.shape ? "images" : "samples";
const ORDERS = Object.fromEntries(PAGE.orders.map(order => [order.key, order]));
const DASHES = { low: "", high: "2 4", none: "8 5" }, WIDTHS = { zero: 1.2, mean: 3, least_squares: 2 };
const LEFT = 54, RIGHT = 628, TOP = 8, BOTTOM = 262; // of the axes, in units of the picture
const SLICE = 8; // milliseconds
const networks = new Map(), curves = new Map();
let inputs; // [N, numbers an input]

const count = number => number.toLocaleString("en");
const share = (part, all) => `${((100 * part) / all).toFixed(1)} %`;
const right = answers => answers.reduce((sum, answer, i) => sum + (answer === LABELS[i]), 0);
const kept = (map, key, make) => map.get(key) ?? map.set(key, make()).get(key);
const networkOf = net => kept(networks, net, () => new Network(PAGE.networks[net - 1], inputs, N, PAGE.activations));

/** The chosen setting and the one it is compared with: network, layer, order, direction, replacement. */
function settings() {
  const value = name => form[name].value, other = name => (value(`vs${name}`) === "same" ? value(name) : value(`vs${name}`));
  return [value, other].map(of => ({
    net: value("net"), layer: value("layer"), by: of("by"), first: ORDERS[of("by")].chance ? "none" : of("first"), fill: of("fill"),
  }));
}

/** Hidden neurons, counted through all layers, in the order in which they go; ties by number. */
function order({ net, layer, by, first }) {
  const { data, widths, starts, size } = networkOf(net);
  if (layer === "ranks") {
    const placed = (width, l) => order({ net, layer: l + 1, by, first }).map((neuron, r) => [(r + 0.5) / width, neuron]);
    return widths.flatMap(placed).sort((a, b) => a[0] - b[0]).map(([, neuron]) => neuron);
  }
  const [start, width] = layer === "all" ? [0, size] : [starts[layer - 1], widths[layer - 1]], values = data.values[by];
  if (!values) {
    const given = Array.from(unpacked(data.sequences[by][layer]), neuron => start + neuron);
    return first === "high" ? given.reverse() : given;
  }
  const sign = first === "high" ? -1 : 1;
  return Array.from({ length: width }, (_, j) => start + j).sort((a, b) => sign * (values[a] - values[b]) || a - b);
}

/** Of a setting: its order; what is right after 0, 1, … removals, as far as counted; the run's own curve. */
function curveOf(setting) {
  const { net, layer, by, first, fill } = setting, key = Object.values(setting).join(" ");
  return kept(curves, key, () => {
    const [steps, packed] = networkOf(net).data.tables[`${layer} ${by} ${first} ${fill}`] ?? [1, ["u1", ""]];
    const run = Array.from(unpacked(packed), (hits, i) => [steps[i] ?? i * steps, hits]);
    return { setting, order: order(setting), hits: [], run, gone: new Uint8Array(networkOf(net).size) };
  });
}

function count1(curve) {
  const { setting, order, hits, gone } = curve;
  curve.subject ??= new Ablated(networkOf(setting.net), setting.fill);
  if (hits.length) gone[order[hits.length - 1]] = 1;
  hits.push(right(curve.subject.without(gone)));
  if (hits.length > order.length) curve.subject = null;
}

/** Count what is still unknown of the curves shown, for a slice of time; true if nothing is left. */
function counted() {
  const until = performance.now() + SLICE;
  for (const curve of settings().map(curveOf)) {
    while (curve.hits.length <= curve.order.length) {
      if (performance.now() > until) return false;
      count1(curve);
    }
  }
  return true;
}

function words({ by, first, fill }) {
  return `${ORDERS[by].label}${first === "none" ? "" : `, ${first} first`}, ${PAGE.fills[fill][0]}`;
}

const x = (n, most) => LEFT + ((RIGHT - LEFT) * n) / most, y = part => BOTTOM - (BOTTOM - TOP) * part;
const line = (points, attributes) => `<polyline class="curve" points="${points.map(point => point.join()).join(" ")}" ${attributes}/>`;

/** Colour, width and dashes; a colour is that of the replacement where only that differs. */
function look(setting, other) {
  const replaced = setting.by === other.by && setting.first === other.first && setting.fill !== other.fill;
  const colour = replaced ? PAGE.fills[setting.fill][1] : ORDERS[setting.by].colour;
  return { colour, style: `style="--c:${colour}" stroke-width="${WIDTHS[setting.fill]}" stroke-dasharray="${DASHES[setting.first]}"` };
}

function drawCurves() {
  const pair = settings(), both = pair.map(curveOf), most = both[0].order.length, quarters = [0, 0.25, 0.5, 0.75, 1];
  const looks = [look(...pair), look(...pair.toReversed())], two = both[0] !== both[1];
  const axes = quarters.map(part => {
    const n = Math.round(part * most), height = y(part);
    return `<line class="axis" x1="${LEFT}" x2="${RIGHT}" y1="${height}" y2="${height}"/>`
      + `<text x="${LEFT - 6}" y="${height + 4}" text-anchor="end">${100 * part} %</text>`
      + `<text x="${x(n, most)}" y="${BOTTOM + 20}" text-anchor="middle">${n}</text>`;
  });
  const runs = both.map(({ run }, i) => line(run.map(([n, hits]) => [x(n, most), y(hits / PAGE.all)]),
    `style="--c:var(--grey)" stroke-width="1" stroke-dasharray="${DASHES[pair[i].first]}"`));
  const ours = both.map(({ hits }, i) => line(hits.map((right, n) => [x(n, most), y(right / N)]), looks[i].style));
  $("curves").innerHTML = [...axes, ...runs, ...ours.reverse()].join("");
  const names = pair.map((setting, i) => [looks[i].style, words(setting)]).slice(0, two ? 2 : 1);
  if (both.some(({ run }) => run.length)) names.push([`style="--c:var(--grey)" stroke-width="1"`, `the same on all ${count(PAGE.all)} test ${THINGS}, from the run’s tables`]);
  $("legend").innerHTML = names.map(([style, name]) => `<li><svg viewBox="0 0 40 12" aria-hidden="true">${line([[0, 6], [40, 6]], style)}</svg>${name}</li>`).join("");
  const told = both.map(({ hits }, i) => `${words(pair[i])}: ${quarters.map(part => hits[Math.round(part * most)]).filter(hits => hits >= 0).map(hits => share(hits, N)).join(", ")}.`);
  $("plot").setAttribute("aria-label", `Share of the ${THINGS} that are right with none, a quarter, half, three quarters and all of the neurons removed. ${told.slice(0, names.length).join(" ")}`);
}
