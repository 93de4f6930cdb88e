"use strict";
// What a network answers without some of its neurons. In double precision, from weights as saved: equal to NumPy
// but for the last digits of sums. Of equal logits the first wins, as with NumPy's argmax.

const ARRAYS = { u1: Uint8Array, u2: Uint16Array, f2: Uint16Array, f4: Float32Array, f8: Float64Array };
const POWERS = Array.from({ length: 32 }, (_, e) => 2 ** (Math.max(e, 1) - 25));
const ACTIVATIONS = { sigmoid: x => 1 / (1 + Math.exp(-x)), tanh: Math.tanh, relu: x => (x > 0 ? x : 0) };

/** An array of the payload: the name of its type, its bytes in base64. */
function unpacked([type, text]) {
  const array = new ARRAYS[type](Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer);
  if (type !== "f2") return array;
  return Float64Array.from(array, h => {
    const e = (h >> 10) & 31, part = h & 1023;
    return (h >> 15 ? -1 : 1) * POWERS[e] * (e ? 1024 + part : part);
  });
}

/** sums [n, m]: `bias` and, of each image, the outputs [n, width] of the neurons `kept` times their `rows`. */
function product(outputs, width, kept, rows, bias, sums) {
  const m = bias.length, n = sums.length / m;
  for (let i = 0; i < n; i++) {
    const to = i * m, from = i * width;
    for (let c = 0; c < m; c++) sums[to + c] = bias[c];
    for (const j of kept) {
      const output = outputs[from + j], row = j * m;
      if (output !== 0) for (let c = 0; c < m; c++) sums[to + c] += output * rows[row + c];
    }
  }
}

function activate(sums, activation, outputs) {
  for (let i = 0; i < sums.length; i++) outputs[i] = activation(sums[i]);
}

/** A network of the payload, made ready: the outputs of its first layer are what no removal changes. */
class Network {
  constructor(data, inputs, n, activations) {
    this.data = data;
    this.n = n;
    this.activations = activations.map(name => ACTIVATIONS[name]);
    [this.kernels, this.biases] = [data.kernels, data.biases].map(all => all.map(a => Float64Array.from(unpacked(a))));
    this.widths = this.biases.slice(0, -1).map(bias => bias.length);
    this.starts = this.widths.map((_, l) => this.widths.slice(0, l).reduce((a, b) => a + b, 0));
    this.size = this.starts.at(-1) + this.widths.at(-1);
    this.first = new Float64Array(n * this.widths[0]);
    const pixels = Int32Array.from({ length: inputs.length / n }, (_, p) => p);
    product(inputs, pixels.length, pixels, this.kernels[0], this.biases[0], this.first);
    activate(this.first, this.activations[0], this.first);
  }

  /** Layer (0 = first) and number in it of a hidden neuron. */
  place(neuron) {
    const layer = this.starts.findLastIndex(start => start <= neuron);
    return [layer, neuron - this.starts[layer]];
  }

  /** Answers [n] of the whole network. */
  get intact() { return (this.whole ??= new Ablated(this, "zero").without(new Uint8Array(this.size))); }

  /** Covariances [width, width] of the outputs of a layer. */
  covariance(layer) {
    const width = this.widths[layer], full = new Float64Array(width * width);
    const upper = unpacked(this.data.covariances[layer]);
    for (let i = 0, k = 0; i < width; i++) {
      for (let j = i; j < width; j++, k++) full[i * width + j] = full[j * width + i] = upper[k];
    }
    return full;
  }
}

/** A network with neurons removed in one of three ways; what did not change is kept from the state before. */
class Ablated {
  constructor(network, fill) {
    Object.assign(this, { network, fill, gone: new Uint8Array(network.size), fresh: true });
    this.outputs = network.widths.map((w, l) => (l ? new Float64Array(network.n * w) : network.first));
    this.received = network.biases.slice(1).map(bias => new Float64Array(network.n * bias.length));
    this.answers = new Uint16Array(network.n);
    this.covariances = [];
  }

  /** Answers [n] with exactly the neurons `gone` [hidden neurons] removed. */
  without(gone) {
    const { network } = this;
    let changed = this.fresh;
    network.widths.forEach((width, l) => {
      const start = network.starts[l], sums = this.received[l];
      if (l && changed) activate(this.received[l - 1], network.activations[l], this.outputs[l]);
      const moved = [];
      for (let j = 0; j < width; j++) if (gone[start + j] !== this.gone[start + j]) moved.push(j);
      if (changed || (moved.length && (this.fill === "least_squares" || moved.length > width / 3))) {
        const { kept, rows, bias } = this.folded(l, gone.subarray(start, start + width));
        product(this.outputs[l], width, kept, rows, bias, sums);
      } else moved.forEach(j => this.shift(l, j, gone[start + j] ? 1 : -1));
      changed ||= moved.length > 0;
    });
    this.gone = gone.slice();
    this.fresh = false;
    return this.answered();
  }

  /** a <- a + (m_j - h_j) w_j, or back: a neuron of a layer goes, or returns. */
  shift(layer, j, sign) {
    const { network } = this, m = network.biases[layer + 1].length, width = network.widths[layer];
    const row = network.kernels[layer + 1].subarray(j * m, (j + 1) * m), sums = this.received[layer];
    const constant = this.fill === "zero" ? 0 : network.data.means[network.starts[layer] + j];
    for (let i = 0; i < network.n; i++) {
      const change = sign * (constant - this.outputs[layer][i * width + j]), to = i * m;
      for (let c = 0; c < m; c++) sums[to + c] += change * row[c];
    }
  }

  /** The next layer's kernel and bias once they make up for the neurons `gone` of a layer. */
  folded(layer, gone) {
    const { network } = this, m = network.biases[layer + 1].length, width = gone.length;
    const means = network.data.means.slice(network.starts[layer], network.starts[layer] + width);
    const bias = network.biases[layer + 1].slice(), kept = [], lost = [];
    let rows = network.kernels[layer + 1];
    gone.forEach((is, j) => (is ? lost : kept).push(j));
    if (this.fill !== "zero") for (const j of lost) for (let c = 0; c < m; c++) bias[c] += means[j] * rows[j * m + c];
    if (this.fill === "least_squares" && lost.length && kept.length) {
      this.covariances[layer] ??= network.covariance(layer);
      const more = standIn(this.covariances[layer], kept, lost, rows, m);
      rows = rows.slice();
      kept.forEach((j, k) => {
        for (let c = 0; c < m; c++) {
          rows[j * m + c] += more[k * m + c];
          bias[c] -= means[j] * more[k * m + c];
        }
      });
    }
    return { kept, rows, bias };
  }

  answered() {
    const logits = this.received.at(-1), m = logits.length / this.network.n;
    for (let i = 0; i < this.network.n; i++) {
      let best = 0;
      for (let c = 1; c < m; c++) if (logits[i * m + c] > logits[i * m + best]) best = c;
      this.answers[i] = best;
    }
    return this.answers;
  }
}

/**
 * What the rows of the neurons `kept` gain [kept, m] so that they stand in best for those `lost`: the solution X of
 * C_KK X = C_KL W_L by Cholesky. A neuron that those before it determine, or that never changes, gains nothing.
 */
function standIn(covariance, kept, lost, rows, m) {
  const n = kept.length, width = Math.sqrt(covariance.length), L = new Float64Array(n * n), X = new Float64Array(n * m);
  kept.forEach((j, i) => {
    for (const g of lost) for (let c = 0; c < m; c++) X[i * m + c] += covariance[j * width + g] * rows[g * m + c];
    for (let k = 0; k <= i; k++) {
      let rest = covariance[j * width + kept[k]];
      for (let q = 0; q < k; q++) rest -= L[i * n + q] * L[k * n + q];
      if (k < i) L[i * n + k] = rest / L[k * n + k];
      else L[i * n + i] = rest > 1e-7 * covariance[j * width + j] ? Math.sqrt(rest) : Infinity;
    }
    for (let k = 0; k < i; k++) for (let c = 0; c < m; c++) X[i * m + c] -= L[i * n + k] * X[k * m + c];
    for (let c = 0; c < m; c++) X[i * m + c] /= L[i * n + i];
  });
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) for (let c = 0; c < m; c++) X[i * m + c] -= L[k * n + i] * X[k * m + c];
    for (let c = 0; c < m; c++) X[i * m + c] /= L[i * n + i];
  }
  return X;
}
