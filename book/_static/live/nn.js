// Small neural networks, their losses and their optimizers, as PyTorch has them: the engine of the live demos.
//
//   const random = Live.random(0);
//   const G = Live.mlp([1, 16, 1], ["tanh", "identity"], random);
//   const D = Live.mlp([1, 16, 1], ["leaky", "identity"], random);
//   const gan = Live.gan({ G, D, lr: 0.01 });
//   gan.stepD(real, random.normal(64));         // 64 real numbers, 64 noise values
//   gan.stepG(random.normal(64));
//   G.forward(Float64Array.of(-1, 0, 1), 3);    // what G makes of three noise values
//
// A batch is a flat array, sample after sample. tests/site/test_live_library.py holds all of this against PyTorch.
(() => {
  "use strict";
  const Live = (globalThis.Live ??= {});

  // Seeded random numbers: the 32-bit generator PCG RXS-M-XS (O'Neill 2014); normal ones by Box and Muller.
  Live.random = (seed) => {
    let state = Math.imul((seed >>> 0) + 1, 0x9e3779b1) >>> 0;
    const next = () => {
      state = (Math.imul(state, 747796405) + 2891336453) >>> 0;
      const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
      return ((word >>> 22) ^ word) >>> 0;
    };
    const uniform = () => (next() + 0.5) / 2 ** 32; // never 0 or 1
    const filled = (n, out, draw) => {
      for (let i = 0; i < n; i++) out[i] = draw();
      return out;
    };
    next(); // seeds that are neighbors part here
    return {
      one: uniform,
      integer: (below) => Math.floor(uniform() * below),
      uniform: (n, out = new Float64Array(n)) => filled(n, out, uniform),
      bits: (n, out = new Float64Array(n)) => filled(n, out, () => next() >>> 31),
      normal(n, out = new Float64Array(n)) {
        for (let i = 0; i < n; i += 2) {
          const radius = Math.sqrt(-2 * Math.log(uniform())), angle = 2 * Math.PI * uniform();
          out[i] = radius * Math.cos(angle);
          if (i + 1 < n) out[i + 1] = radius * Math.sin(angle);
        }
        return out;
      },
    };
  };

  // Activations, each with a loop of its own: one that called a function for every number would be three times slower.
  const LEAK = 0.2; // the course's LeakyReLU
  const activate = (name, y, n) => {
    switch (name) {
      case "identity": return;
      case "tanh": for (let i = 0; i < n; i++) y[i] = 1 - 2 / (Math.exp(2 * y[i]) + 1); return; // a little faster than Math.tanh
      case "sigmoid": for (let i = 0; i < n; i++) y[i] = 1 / (1 + Math.exp(-y[i])); return;
      case "relu": for (let i = 0; i < n; i++) if (!(y[i] > 0)) y[i] *= 0; return; // NaN stays NaN
      case "leaky": for (let i = 0; i < n; i++) if (!(y[i] > 0)) y[i] *= LEAK; return;
      case "elu": for (let i = 0; i < n; i++) if (!(y[i] > 0)) y[i] = Math.expm1(y[i]); return;
      default: throw new Error(`no activation ${name}`);
    }
  };
  // out = dy f', with f' from what came out, h (of which the samples begin at h0)
  const throughActivation = (name, dy, h, h0, out, n) => {
    switch (name) {
      case "identity": for (let i = 0; i < n; i++) out[i] = dy[i]; return;
      case "tanh": for (let i = 0; i < n; i++) out[i] = dy[i] * (1 - h[h0 + i] * h[h0 + i]); return;
      case "sigmoid": for (let i = 0; i < n; i++) out[i] = dy[i] * h[h0 + i] * (1 - h[h0 + i]); return;
      case "relu": for (let i = 0; i < n; i++) out[i] = h[h0 + i] > 0 ? dy[i] : 0; return;
      case "leaky": for (let i = 0; i < n; i++) out[i] = h[h0 + i] > 0 ? dy[i] : LEAK * dy[i]; return;
      case "elu": for (let i = 0; i < n; i++) out[i] = h[h0 + i] > 0 ? dy[i] : dy[i] * (h[h0 + i] + 1); return;
    }
  };
  const CURVATURE = { // f'' from what came out; the others are straight
    tanh: (h) => -2 * h * (1 - h * h),
    sigmoid: (h) => h * (1 - h) * (1 - 2 * h),
    elu: (h) => (h > 0 ? 0 : h + 1),
  };

  // The three products of a layer, four samples and two units at once: what is read once serves several sums, and no sum
  // waits for another. A last unit without a partner is its own. Arrays of samples have room for three more than they need.

  // y = x W^T + b; W is outs x ins, row by row from w0 on, and b follows it, or is left out
  const affine = (x, rows, w, w0, ins, outs, y, bias) => {
    const biases = w0 + outs * ins;
    for (let r = 0; r < rows; r += 4) {
      const a = r * ins, b = a + ins, c = b + ins, d = c + ins;
      for (let o = 0; o < outs; o += 2) {
        const other = Math.min(o + 1, outs - 1), row = w0 + o * ins, row2 = w0 + other * ins;
        let p = bias ? w[biases + o] : 0, q = p, s = p, t = p;
        let p2 = bias ? w[biases + other] : 0, q2 = p2, s2 = p2, t2 = p2;
        for (let i = 0; i < ins; i++) {
          const v = w[row + i], v2 = w[row2 + i], xa = x[a + i], xb = x[b + i], xc = x[c + i], xd = x[d + i];
          p += v * xa;
          q += v * xb;
          s += v * xc;
          t += v * xd;
          p2 += v2 * xa;
          q2 += v2 * xb;
          s2 += v2 * xc;
          t2 += v2 * xd;
        }
        const to = r * outs + o, to2 = r * outs + other;
        y[to] = p;
        y[to + outs] = q;
        y[to + 2 * outs] = s;
        y[to + 3 * outs] = t;
        y[to2] = p2;
        y[to2 + outs] = q2;
        y[to2 + 2 * outs] = s2;
        y[to2 + 3 * outs] = t2;
      }
    }
  };
  // x = y W: the way back
  const transposed = (y, rows, w, w0, ins, outs, x) => {
    for (let r = 0; r < rows; r += 4) {
      const a = r * outs, b = a + outs, c = b + outs, d = c + outs;
      for (let i = 0; i < ins; i += 2) {
        const other = Math.min(i + 1, ins - 1);
        let p = 0, q = 0, s = 0, t = 0, p2 = 0, q2 = 0, s2 = 0, t2 = 0;
        for (let o = 0, at = w0; o < outs; o++, at += ins) {
          const v = w[at + i], v2 = w[at + other], ya = y[a + o], yb = y[b + o], yc = y[c + o], yd = y[d + o];
          p += v * ya;
          q += v * yb;
          s += v * yc;
          t += v * yd;
          p2 += v2 * ya;
          q2 += v2 * yb;
          s2 += v2 * yc;
          t2 += v2 * yd;
        }
        const to = r * ins + i, to2 = r * ins + other;
        x[to] = p;
        x[to + ins] = q;
        x[to + 2 * ins] = s;
        x[to + 3 * ins] = t;
        x[to2] = p2;
        x[to2 + ins] = q2;
        x[to2 + 2 * ins] = s2;
        x[to2 + 3 * ins] = t2;
      }
    }
  };
  // W's gradient += y^T x, and b's += the sum of y; the samples of x begin at x0
  const outer = (y, x, x0, rows, g, w0, ins, outs, bias) => {
    for (let r = 0; r < rows; r += 4) {
      const a = x0 + r * ins, b = a + ins, c = b + ins, d = c + ins;
      for (let o = 0; o < outs; o += 2) {
        const from = r * outs + o, row = w0 + o * ins, pair = o + 1 < outs, row2 = pair ? row + ins : row;
        const p = y[from], q = y[from + outs], s = y[from + 2 * outs], t = y[from + 3 * outs];
        let p2 = 0, q2 = 0, s2 = 0, t2 = 0;
        if (pair) {
          p2 = y[from + 1];
          q2 = y[from + outs + 1];
          s2 = y[from + 2 * outs + 1];
          t2 = y[from + 3 * outs + 1];
        }
        for (let i = 0; i < ins; i++) {
          const xa = x[a + i], xb = x[b + i], xc = x[c + i], xd = x[d + i];
          g[row + i] += p * xa + q * xb + s * xc + t * xd;
          g[row2 + i] += p2 * xa + q2 * xb + s2 * xc + t2 * xd;
        }
        if (!bias) continue;
        g[w0 + outs * ins + o] += p + q + s + t;
        if (pair) g[w0 + outs * ins + o + 1] += p2 + q2 + s2 + t2;
      }
    }
  };

  // A multilayer perceptron: sizes [1, 16, 16, 1], one activation for each layer. All weights stand in one array, layer
  // by layer the weight, (outs, ins) row by row, then the bias, as in net.parameters() of PyTorch. With a source of
  // random numbers they start as nn.Linear's do, uniform within 1 / sqrt(ins).
  Live.mlp = (sizes, activations, random) => {
    const layers = [];
    let count = 0;
    activations.forEach((name, k) => {
      const [ins, outs] = [sizes[k], sizes[k + 1]];
      layers.push({ ins, outs, start: count, name });
      count += outs * (ins + 1);
    });
    const depth = layers.length, last = sizes[depth], curved = activations.some((name) => CURVATURE[name]);
    const weights = new Float64Array(count), gradient = new Float64Array(count);
    if (random)
      for (const { ins, outs, start } of layers)
        for (let i = 0; i < outs * (ins + 1); i++) weights[start + i] = (2 * random.one() - 1) / Math.sqrt(ins);

    // For every layer of units: its values h, their gradient, and for penalties the tangents and theirs
    let room = 0, h, dh, da, tangent, before, dt, dta;
    const reserve = (rows) => {
      if (rows <= room) return;
      room = 4 * Math.ceil(rows / 4);
      const arrays = () => sizes.map((size) => new Float64Array((room + 3) * size));
      [h, dh, da, tangent, before, dt, dta] = Array.from({ length: 7 }, arrays);
    };

    const net = {
      sizes, layers, weights, gradient,

      // x: n samples. Returns the outputs, valid until the next call.
      forward(x, n) {
        reserve(n);
        for (let i = 0; i < n * sizes[0]; i++) h[0][i] = x[i];
        layers.forEach(({ ins, outs, start, name }, k) => {
          affine(h[k], n, weights, start, ins, outs, h[k + 1], true);
          activate(name, h[k + 1], n * outs);
        });
        return h[depth];
      },

      // From the gradient of a loss in the outputs: adds that in the weights to net.gradient, and returns that in the
      // inputs if asked for. It goes back through the n samples of the last forward from the sample `from` on.
      backward(outputs, n, { weights: own = true, inputs = false, from = 0 } = {}) {
        const all = n * last;
        for (let i = 0; i < all; i++) dh[depth][i] = outputs[i];
        dh[depth].fill(0, all, all + 3 * last);
        for (let k = depth - 1; k >= 0; k--) {
          const { ins, outs, start, name } = layers[k];
          const size = (n + 3) * outs;
          throughActivation(name, dh[k + 1], h[k + 1], from * outs, da[k + 1], n * outs);
          da[k + 1].fill(0, n * outs, size);
          if (own) outer(da[k + 1], h[k], from * ins, n, gradient, start, ins, outs, true);
          if (k || inputs) transposed(da[k + 1], n, weights, start, ins, outs, dh[k]);
        }
        return dh[0];
      },

      // A penalty on the slope s = |gradient of the output in the inputs|, for the first n samples of the last forward:
      // strength * mean of f(s), added to the gradient; `kind` gives f(s) and f'(s) / s. Returns its value.
      // The derivative of v.s in the weights, v held still, is that of how fast the output changes if the inputs move
      // along v: tangents run forward through the layers, and their gradients back.
      penalize({ value, pull }, strength, n) {
        const ones = (net.ones = net.ones?.length >= n ? net.ones : new Float64Array(n).fill(1));
        const slopes = net.backward(ones, n, { weights: false, inputs: true });
        const width = sizes[0];
        let total = 0;
        for (let r = 0; r < n; r++) {
          let square = 0;
          for (let i = r * width; i < (r + 1) * width; i++) square += slopes[i] * slopes[i];
          const s = Math.sqrt(square), factor = (strength / n) * pull(s);
          total += value(s);
          for (let i = r * width; i < (r + 1) * width; i++) tangent[0][i] = factor * slopes[i];
        }
        tangent[0].fill(0, n * width, (n + 3) * width);
        layers.forEach(({ ins, outs, start, name }, k) => {
          affine(tangent[k], n, weights, start, ins, outs, before[k + 1], false);
          throughActivation(name, before[k + 1], h[k + 1], 0, tangent[k + 1], n * outs);
          tangent[k + 1].fill(0, n * outs, (n + 3) * outs);
        });
        dt[depth].fill(1, 0, n);
        dt[depth].fill(0, n, n + 3);
        if (curved) dh[depth].fill(0);
        for (let k = depth - 1; k >= 0; k--) {
          const { ins, outs, start, name } = layers[k];
          const size = n * outs;
          throughActivation(name, dt[k + 1], h[k + 1], 0, dta[k + 1], size);
          dta[k + 1].fill(0, size, (n + 3) * outs);
          outer(dta[k + 1], tangent[k], 0, n, gradient, start, ins, outs, false);
          if (k) transposed(dta[k + 1], n, weights, start, ins, outs, dt[k]);
          if (!curved) continue; // straight pieces: moving along v changes no slope
          throughActivation(name, dh[k + 1], h[k + 1], 0, da[k + 1], size);
          const bend = CURVATURE[name];
          if (bend) for (let i = 0; i < size; i++) da[k + 1][i] += bend(h[k + 1][i]) * before[k + 1][i] * dt[k + 1][i];
          da[k + 1].fill(0, size, (n + 3) * outs);
          outer(da[k + 1], h[k], 0, n, gradient, start, ins, outs, true);
          if (k) transposed(da[k + 1], n, weights, start, ins, outs, dh[k]);
        }
        return (strength * total) / n;
      },
    };
    return net;
  };

  // Penalties on slopes: R1 (Mescheder et al. 2018, eq. 9), and the one-sided one of Wasserstein critics.
  Live.R1 = { value: (s) => (s * s) / 2, pull: () => 1 };
  Live.GRADIENT_PENALTY = {
    value: (s) => Math.max(0, s - 1) ** 2,
    pull: (s) => (s > 1 ? (2 * (s - 1)) / s : 0),
  };

  // Losses of n logits. Each writes its gradient in them, and returns its value.
  const softplus = (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));
  const sigmoid = (Live.sigmoid = (a) => 1 / (1 + Math.exp(-a)));
  const each = (value, slope) => (logits, n, gradient) => {
    let total = 0;
    for (let i = 0; i < n; i++) {
      total += value(logits[i]);
      gradient[i] = slope(logits[i]) / n;
    }
    return total / n;
  };
  const both = (real, fake) => (logits, n, gradient) => // 2n logits: n of real samples, then n of fakes
    real(logits, n, gradient) + fake(logits.subarray(n), n, gradient.subarray(n));
  Live.losses = {
    nonSaturating: each((l) => softplus(-l), (l) => sigmoid(l) - 1),
    minimax: each((l) => -softplus(l), (l) => -sigmoid(l)),
    criticGenerator: each((l) => -l, () => -1),
    discriminator: both(each((l) => softplus(-l), (l) => sigmoid(l) - 1), each(softplus, sigmoid)),
    critic: both(each((l) => -l, () => -1), each((l) => l, () => 1)),
  };

  // Optimizers of a network, as torch.optim has them. step() uses net.gradient and sets it to 0; lr may change at any time.
  Live.adam = (net, { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8 } = {}) => {
    const { weights: w, gradient: g } = net;
    const m = new Float64Array(w.length), v = new Float64Array(w.length);
    let power1 = 1, power2 = 1;
    return {
      lr,
      step() {
        const [b1, b2] = betas;
        power1 *= b1;
        power2 *= b2;
        const rate = this.lr / (1 - power1), scale = 1 / Math.sqrt(1 - power2);
        for (let i = 0; i < w.length; i++) {
          m[i] = b1 * m[i] + (1 - b1) * g[i];
          v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
          w[i] -= (rate * m[i]) / (Math.sqrt(v[i]) * scale + eps);
        }
        g.fill(0);
      },
    };
  };
  Live.sgd = (net, { lr = 1e-2, momentum = 0 } = {}) => {
    const { weights: w, gradient: g } = net;
    const speed = new Float64Array(w.length);
    return {
      lr,
      step() {
        for (let i = 0; i < w.length; i++) {
          speed[i] = momentum * speed[i] + g[i];
          w[i] -= this.lr * speed[i];
        }
        g.fill(0);
      },
    };
  };

  // A GAN: the two networks and how they move. Without `momentum` the optimizer is Adam.
  // loss: "nonSaturating", "minimax" or "wasserstein"; r1, gp: strengths of the penalties; clip: bound of D's weights.
  Live.gan = ({ G, D, loss = "nonSaturating", lr = 1e-3, dLr = lr, betas, momentum, r1 = 0, gp = 0, clip = 0 }) => {
    const optimizer = (net, rate) => (momentum === undefined ? Live.adam(net, { lr: rate, betas }) : Live.sgd(net, { lr: rate, momentum }));
    const dLoss = Live.losses[loss === "wasserstein" ? "critic" : "discriminator"];
    const gLoss = Live.losses[loss === "wasserstein" ? "criticGenerator" : loss];
    const inputs = D.sizes[0], noises = G.sizes[0];
    const gan = { G, D, g: optimizer(G, lr), d: optimizer(D, dLr), gLoss: NaN, dLoss: NaN, stepD, stepG, both: stepBoth };
    let samples = new Float64Array(0), slopes;
    const room = (n) => {
      if (samples.length >= 2 * n * inputs) return;
      samples = new Float64Array(2 * n * inputs);
      slopes = new Float64Array(2 * n);
    };
    // D sees n real samples and n fakes
    const look = (real, noise, n) => {
      room(n);
      samples.set(real.subarray(0, n * inputs));
      samples.set(G.forward(noise, n).subarray(0, n * inputs), n * inputs);
      return D.forward(samples, 2 * n);
    };
    const moveD = (logits, n) => {
      gan.dLoss = dLoss(logits, n, slopes);
      D.backward(slopes, 2 * n);
      if (r1) D.penalize(Live.R1, r1, n);
      if (gp) {
        for (let i = 0; i < n; i++) { // between the pairs of a real sample and a fake, evenly
          const share = (i + 0.5) / n;
          for (let k = i * inputs; k < (i + 1) * inputs; k++) samples[k] = share * samples[k] + (1 - share) * samples[n * inputs + k];
        }
        D.forward(samples, n);
        D.penalize(Live.GRADIENT_PENALTY, gp, n);
      }
      gan.d.step();
      if (clip) for (let i = 0; i < D.weights.length; i++) D.weights[i] = Math.min(clip, Math.max(-clip, D.weights[i]));
    };
    const moveG = (logits, n, from) => {
      gan.gLoss = gLoss(logits, n, slopes);
      G.backward(D.backward(slopes, n, { weights: false, inputs: true, from }), n); // back through D into G, but only G moves
      gan.g.step();
    };
    function stepD(real, noise) {
      const n = noise.length / noises;
      moveD(look(real, noise, n), n);
    }
    function stepG(noise) {
      const n = noise.length / noises;
      room(n);
      moveG(D.forward(G.forward(noise, n), n), n, 0);
    }
    function stepBoth(real, noise) { // both from the same position: chapter 1's step
      const n = noise.length / noises;
      const logits = look(real, noise, n);
      moveG(logits.subarray(n), n, n);
      moveD(logits, n);
    }
    return gan;
  };

  if (typeof module !== "undefined") module.exports = Live;
})();
