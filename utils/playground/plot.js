// What is chosen and what it is compared with: their orders, their curves, the plot. Curves are counted in slices of
// time, so that the page stays alive.

const PAGE = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id), form = $("choices").elements;
const LABELS = unpacked(PAGE.labels), N = LABELS.length, THINGS = PAGE.shape ? "images" : "samples";
const ORDERS = Object.fromEntries(PAGE.orders.map(order => [order.key, order]));
const GREY = 'style="--c:var(--grey)" stroke-width="1"', WIDTHS = { zero: 1.6, mean: 3, least_squares: 2 };
const DASHES = ['', 'stroke-dasharray="8 5"']; // of what is chosen, and of what it is compared with
const LEFT = 64, RIGHT = 618, TOP = 16, BOTTOM = 230, SLICE = 8; // of the axes, in units of the plot; milliseconds
const networks = new Map(), curves = new Map();
let inputs; // [N, numbers of an input]

const count = number => number.toLocaleString("en"), share = (part, all) => `${((100 * part) / all).toFixed(1)} %`;
const ALL = `all ${count(PAGE.all)} test ${THINGS}`;
const right = answers => answers.reduce((sum, answer, i) => sum + (answer === LABELS[i]), 0);
const kept = (map, key, make) => map.get(key) ?? map.set(key, make()).get(key);
const make = net => new Network(PAGE.networks[net - 1], inputs, N, PAGE.activations);
const networkOf = net => kept(networks, `${net}`, () => make(net));
const nameOf = ({ layer, by, first }) => `${layer} ${by} ${first}`;
const orderOf = setting => Array.from(unpacked(networkOf(setting.net).data.orders[nameOf(setting)]));

function setting(net, layer, by, first, fill) {
  return { net, layer, by, first: by in PAGE.networks[0].values ? first : "none", fill };
}

/** What is chosen, and what it is compared with. */
function settings() {
  const own = name => form[name].value, other = name => (own(`vs${name}`) === "same" ? own(name) : own(`vs${name}`));
  return [own, other].map(of => setting(own("net"), own("layer"), of("by"), of("first"), of("fill")));
}

function words({ by, first, fill }) {
  return `${ORDERS[by].label}${first === "none" ? "" : `, ${first} first`}, ${PAGE.fills[fill].label}`;
}

/** In what the compared one differs from the chosen one. */
function against([a, b]) {
  const first = b.first === "none" ? "" : `${b.first} first`, fill = PAGE.fills[b.fill].label;
  const parts = Object.entries({ by: ORDERS[b.by].label, first, fill });
  return parts.filter(([name, part]) => a[name] !== b[name] && part).map(([, part]) => part).join(", ");
}

function without(network, neurons) {
  const gone = new Uint8Array(network.size);
  for (const neuron of neurons) gone[neuron] = 1;
  return gone;
}

/** Of a setting: its order, the hits after 0, 1, … removals as far as counted, [removals, hits] of the run. */
function curveOf(setting) {
  return kept(curves, Object.values(setting).join(" "), () => {
    const network = networkOf(setting.net), { curves } = network.data;
    const [every, stored] = curves[`${nameOf(setting)} ${setting.fill}`] ?? [1, ["u1", ""]];
    const run = Array.from(unpacked(stored), (hits, i) => [i * every, hits]), gone = without(network, []);
    return { order: orderOf(setting), run, hits: [], gone, ablated: new Ablated(network, setting.fill) };
  });
}

/** Count what is not known yet of the two curves; false if time was too short. */
function counted() {
  const until = performance.now() + SLICE;
  for (const curve of settings().map(curveOf)) {
    const { order, hits, gone } = curve;
    while (hits.length <= order.length) {
      if (performance.now() > until) return false;
      if (hits.length) gone[order[hits.length - 1]] = 1;
      hits.push(right(curve.ablated.without(gone)));
      if (hits.length > order.length) delete curve.ablated;
    }
  }
  return true;
}

const style = ({ by, fill }, i) => `style="--c:${ORDERS[by].colour}" stroke-width="${WIDTHS[fill]}" ${DASHES[i]}`;
const x = (n, most) => LEFT + ((RIGHT - LEFT) * n) / most, y = part => BOTTOM - (BOTTOM - TOP) * part;
const line = (points, style) => `<polyline class="curve" points="${points.join(" ")}" ${style}/>`;

function drawCurves() {
  const pair = settings(), both = pair.map(curveOf), most = both[0].order.length, parts = [0, 0.25, 0.5, 0.75, 1];
  const styles = pair.map(style), shown = new Set(both).size;
  const points = (hits, all) => hits.map(([n, k]) => [x(n, most), y(k / all)]);
  const axes = parts.map(part => `<line class="axis" x1="${LEFT}" x2="${RIGHT}" y1="${y(part)}" y2="${y(part)}"/>
    <text x="${LEFT - 6}" y="${y(part) + 4}" text-anchor="end">${100 * part} %</text>
    <text x="${x(part, 1)}" y="${BOTTOM + 21}" text-anchor="middle">${Math.round(part * most)}</text>`);
  const runs = both.map(({ run }, i) => line(points(run, PAGE.all), `${GREY} ${DASHES[i]}`));
  const ours = both.map(({ hits }, i) => line(points(hits.map((k, n) => [n, k]), N), styles[i]));
  $("curves").innerHTML = [...axes, ...runs, ...ours.reverse()].join("");

  const names = pair.slice(0, shown).map((setting, i) => [styles[i], words(setting)]);
  if (both.some(({ run }) => run.length)) names.push([GREY, `the same on ${ALL}, from the run’s tables`]);
  const sample = style => `<svg viewBox="0 0 40 12" aria-hidden="true">${line([[0, 6], [40, 6]], style)}</svg>`;
  $("legend").innerHTML = names.map(([style, name]) => `<li>${sample(style)}${name}</li>`).join("");
  const told = both.slice(0, shown).map(({ hits }, i) => {
    const known = parts.map(part => hits[Math.round(part * most)]).filter(k => k !== undefined);
    return `${words(pair[i])}: ${known.map(k => share(k, N)).join(", ")}.`;
  });
  $("plot").ariaLabel = `Share of the ${THINGS} that are right with none, a quarter, half, three quarters and all of `
    + `the neurons removed. ${told.join(" ")}`;
}
