// Exact densities on a grid, the optimal discriminator, and how far apart two distributions are.
//
//   const grid = Live.grid(-4, 4, 200);                                 // 200 cells
//   const noise = Live.normalNoise(1000);                               // 1,000 equally likely stretches of N(0, 1)
//   const values = Array.from(noise.ends, (z) => 2 * z + 1);            // G at their ends
//   const p_g = Live.pushForward(values, noise.mass, grid);             // density in each cell
//
// A density has one number for each cell, the mean over it; a cumulative curve has one for each edge. The formulas are
// chapter 2's and chapter 3's. tests/site/test_live_library.py holds all of this against scipy.
(() => {
  "use strict";
  const Live = (globalThis.Live ??= {});

  Live.grid = (low, high, n) => {
    const step = (high - low) / n;
    return {
      low, high, n, step,
      edges: Float64Array.from({ length: n + 1 }, (_, i) => low + i * step),
      centers: Float64Array.from({ length: n }, (_, i) => low + (i + 0.5) * step),
    };
  };

  // --- the normal distribution ---
  Live.normalPdf = (x) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  // The chance of a number below x: near 0 a power series, farther out a continued fraction for the tail
  Live.normalCdf = (x) => {
    if (x < -3) {
      if (x < -38) return 0;
      let fraction = -x;
      for (let k = 60; k > 0; k--) fraction = -x + k / fraction;
      return Live.normalPdf(x) / fraction;
    }
    if (x > 3) return 1 - Live.normalCdf(-x);
    let term = x, sum = x;
    for (let k = 3; Math.abs(term) > 1e-17; k += 2) sum += term *= x * x / k;
    return 0.5 + Live.normalPdf(x) * sum;
  };
  // Its inverse, by Newton's method. The start is where the bound exp(-x^2 / 2) / 2 of the tail is u, a little too far out.
  Live.normalQuantile = (u) => {
    if (u > 0.5) return -Live.normalQuantile(1 - u);
    let x = -Math.sqrt(-2 * Math.log(2 * u));
    for (let i = 0; i < 100; i++) {
      const move = (Live.normalCdf(x) - u) / Live.normalPdf(x);
      x -= Math.min(move, 1);
      if (Math.abs(move) < 1e-12) break;
    }
    return x;
  };

  // Stretches of noise, from end to end, and the chance of each. The tails beyond the outermost ends belong to the
  // outermost stretches. `middles` are the quantiles at (i + 1/2) / n.
  const stretches = (n, quantile, reach) => ({
    ends: Float64Array.from({ length: n + 1 }, (_, i) => quantile(Math.min(1 - reach, Math.max(reach, i / n)))),
    middles: Float64Array.from({ length: n }, (_, i) => quantile((i + 0.5) / n)),
    mass: new Float64Array(n).fill(1 / n),
  });
  Live.normalNoise = (n) => stretches(n, Live.normalQuantile, 0.1 / n);
  Live.uniformNoise = (n, low = 0, high = 1) => stretches(n, (u) => low + (high - low) * u, 0);

  // p_g by change of variables, p_g(x) = sum of p(z) / |G'(z)| over all z with G(z) = x, averaged over each cell: the
  // mass of every stretch of noise is spread evenly from G of one end to G of the other. values: G at the n + 1 ends.
  // What falls outside the grid is missing; `below`, a property of the result, is the mass to the left of it.
  Live.pushForward = (values, mass, { low, step, n }, density = new Float64Array(n)) => {
    density.fill(0);
    density.below = 0;
    for (let i = 0; i < mass.length; i++) {
      let a = (values[i] - low) / step, b = (values[i + 1] - low) / step; // in cells
      if (a > b) [a, b] = [b, a];
      if (b - a < 1e-9) [a, b] = [a - 5e-10, a + 5e-10]; // G is flat: all on one point
      const rate = mass[i] / (b - a);
      if (!(rate > 0)) continue; // G is not finite
      if (a < 0) density.below += rate * (Math.min(b, 0) - a);
      const from = Math.max(0, Math.floor(a)), to = Math.min(n - 1, Math.floor(b));
      for (let k = from; k <= to; k++) density[k] += rate * (Math.min(b, k + 1) - Math.max(a, k));
    }
    for (let k = 0; k < n; k++) density[k] /= step;
    return density;
  };

  // The share of a distribution below each edge
  Live.cumulative = (density, { step, n }, below = density.below ?? 0) => {
    const F = new Float64Array(n + 1);
    F[0] = below;
    for (let k = 0; k < n; k++) F[k + 1] = F[k] + density[k] * step;
    return F;
  };

  // The number that a share u of a distribution lies below: the inverse of its cumulative curve, straight within a cell.
  Live.quantile = (F, { low, step, n }, u) => {
    let a = 0, b = n;
    while (b - a > 1) {
      const middle = (a + b) >> 1;
      if (F[middle] <= u) a = middle;
      else b = middle;
    }
    const rise = F[b] - F[a];
    return low + (a + (rise > 0 ? Math.min(1, Math.max(0, (u - F[a]) / rise)) : 0.5)) * step;
  };

  // D*(x) = p_data(x) / (p_data(x) + p_g(x)); NaN where both are 0: no sample ever falls there
  Live.optimalD = (p, q, out = new Float64Array(p.length)) => {
    for (let k = 0; k < p.length; k++) out[k] = p[k] / (p[k] + q[k]);
    return out;
  };

  // Kolmogorov and Smirnov's distance: the largest gap between two cumulative curves
  Live.ks = (F, G) => {
    let gap = 0;
    for (let k = 0; k < F.length; k++) gap = Math.max(gap, Math.abs(F[k] - G[k]));
    return gap;
  };

  // The Wasserstein-1 distance: the area between two cumulative curves, straight from edge to edge
  Live.wasserstein = (F, G, { step, n }) => {
    let area = 0;
    for (let k = 0; k < n; k++) {
      const a = F[k] - G[k], b = F[k + 1] - G[k + 1];
      const same = Math.abs(a) + Math.abs(b);
      area += a * b >= 0 ? same / 2 : (a * a + b * b) / (2 * same); // where they cross: two triangles
    }
    return area * step;
  };
  // The same from quantiles: the mean gap of two lists of n, smallest with smallest. Nothing is outside of a grid here.
  Live.meanGap = (a, b) => {
    const [x, y] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
    return x.reduce((sum, value, i) => sum + Math.abs(value - y[i]), 0) / x.length;
  };

  // The Jensen-Shannon divergence, in nats: 0 if equal, log 2 if they never overlap
  Live.jsd = (p, q, { step }) => {
    let sum = 0;
    for (let k = 0; k < p.length; k++) {
      const middle = (p[k] + q[k]) / 2;
      if (p[k] > 0) sum += p[k] * Math.log(p[k] / middle);
      if (q[k] > 0) sum += q[k] * Math.log(q[k] / middle);
    }
    return Math.max(0, (sum * step) / 2);
  };

  if (typeof module !== "undefined") module.exports = Live;
})();
