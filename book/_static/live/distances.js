// Distances: a real curve that stays, a fake that moves, and what each distance says of the two. Chapters 3 and 4.
(() => {
  "use strict";
  const Live = typeof module === "undefined" ? (window.Live ??= {}) : (module.exports = {}); // node runs the tests

  // --- the curves: a list of bells { mean, std, share } each ---
  const ROOT = Math.sqrt(2 * Math.PI);
  // The share of a bell below z standard deviations: Marsaglia's series
  const below = (z) => {
    if (Math.abs(z) > 6.5) return z > 0 ? 1 : 0; // all but 4e-11
    let term = z, sum = z;
    for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) sum += term *= (z * z) / i;
    return 0.5 + (sum * Math.exp((-z * z) / 2)) / ROOT;
  };
  const sum = (bells, f) => {
    let total = 0;
    for (const bell of bells) total += f(bell);
    return total;
  };
  const cdf = (bells, x) => sum(bells, ({ mean, std, share }) => share * below((x - mean) / std));
  // The density's logarithm, which says something even where the density itself is too small for a number
  const logDensity = (bells, x) => {
    const log = ({ mean, std, share }) => Math.log(share / (std * ROOT)) - 0.5 * ((x - mean) / std) ** 2;
    let most = -Infinity;
    for (const bell of bells) most = Math.max(most, log(bell));
    return bells.length === 1 ? most : most + Math.log(sum(bells, (bell) => Math.exp(log(bell) - most)));
  };
  const density = (bells, x) => Math.exp(logDensity(bells, x));

  // --- what is between two curves, on a grid around both with so many points to the narrowest standard deviation ---
  const softplus = (t) => Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));
  const compare = (real, fake, fine = 50) => {
    const all = [...real, ...fake];
    const low = Math.min(...all.map(({ mean, std }) => mean - 8 * std));
    const high = Math.max(...all.map(({ mean, std }) => mean + 8 * std));
    const n = Math.ceil(((high - low) * fine) / Math.min(...all.map(({ std }) => std)));
    const h = (high - low) / n;
    let ks = 0, at = low, w1 = 0, jsd = 0, jsdSlope = 0, w1Slope = 0;
    for (let i = 0; i <= n; i++) {
      const x = low + i * h;
      const gap = cdf(fake, x) - cdf(real, x);
      if (Math.abs(gap) > ks) [ks, at] = [Math.abs(gap), x];
      const [p, g] = [logDensity(real, x), logDensity(fake, x)];
      w1 += Math.abs(gap) * h;
      // log D* = -softplus(log g - log p), and log(1 - D*) the other way round
      jsd += (Math.exp(p) * (Math.LN2 - softplus(g - p)) + Math.exp(g) * (Math.LN2 - softplus(p - g))) * (h / 2);
      // If the fake moves by ds, its share below x falls by g(x) ds, and its density changes by -g'(x) ds
      w1Slope -= Math.sign(Math.abs(gap) < 1e-10 ? 0 : gap) * Math.exp(g) * h;
      jsdSlope += slopeOf(fake, x) * softplus(p - g) * (h / 2);
    }
    return { ks, at, w1, jsd: Math.max(0, jsd), jsdSlope, w1Slope };
  };
  // The slope of a density
  const slopeOf = (bells, x) => sum(bells, ({ mean, std, share }) => (share * (mean - x) * Math.exp(-0.5 * ((x - mean) / std) ** 2)) / (std ** 3 * ROOT));

  // D* on a grid, and the best critic f: its slope is 1 where more of the fakes lie below x than
  // of the real numbers, and -1 where fewer do.
  const optimal = (real, fake, xs) => xs.map((x) => 1 / (1 + Math.exp(logDensity(fake, x) - logDensity(real, x))));
  const critic = (real, fake, xs) => {
    const signs = xs.map((x) => cdf(fake, x) - cdf(real, x)).map((gap) => (Math.abs(gap) < 1e-10 ? 0 : Math.sign(gap)));
    // Where neither has anything, any slope is as good: the last one goes on.
    for (let i = 1; i < signs.length; i++) signs[i] ||= signs[i - 1];
    for (let i = signs.length - 2; i >= 0; i--) signs[i] ||= signs[i + 1];
    const f = [0];
    for (let i = 1; i < xs.length; i++) f.push(f[i - 1] + ((signs[i - 1] + signs[i]) / 2) * (xs[i] - xs[i - 1]));
    return f;
  };
  Live.distances = { cdf, density, compare, optimal, critic };

  // --- the picture ---
  const bell = (mean, std, share = 1) => ({ mean, std, share });
  const SHAPES = {
    bells: { name: "two bells", real: [bell(0, 1)], std: 1 },
    narrow: { name: "two narrow bells", real: [bell(0, 0.35)], std: 0.35 },
    peaks: { name: "two peaks, one fake bell", real: [bell(-1.5, 0.4, 0.5), bell(1.5, 0.4, 0.5)], std: 0.4 },
  };
  const X = [-4.5, 9.5];
  const SHIFTS = [-3, 8];
  const RATE = 0.05; // of G, a step
  const FLAT = 0.01; // a slope below this is none
  const AGREE = 0.02; // curves that are nearer than this agree
  const range = ([low, high], n) => Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1));

  Live.demo?.("distances", {
    title: "Distances",
    settings: {
      shape: { label: "Shapes", value: "bells", choices: Object.fromEntries(Object.entries(SHAPES).map(([key, { name }]) => [key, name])) },
      shift: { label: "Shift of the fake", value: 6, min: SHIFTS[0], max: SHIFTS[1], step: 0.05 },
      width: { label: "Width of the fake", value: 1, min: 0.2, max: 4, log: true, format: (x) => `${Live.format(x)} ×` },
      follow: { label: "When run, G goes down", value: "jsd", choices: { jsd: "JSD (perfect D)", w1: "Wasserstein (best critic)" } },
    },
    slow: 6,
    pace: () => 60,
    height: (width) => (width < 640 ? 660 : 560),
    create(view) {
      const xs = range(X, 561);
      const shifts = range(SHIFTS, 45);
      let curves, curvesOf, now, panel, start, held, walking = false;
      const shape = () => SHAPES[view.settings.shape];
      const fakeAt = (shift) => [bell(shift, shape().std * view.settings.width)];
      const look = () => {
        now = compare(shape().real, fakeAt(view.settings.shift));
        const key = `${view.settings.shape} ${view.settings.width}`;
        if (key !== curvesOf) [curves, curvesOf] = [[], key];
      };
      // The curves over the shift take longer than a frame may: some of them now, the rest in the next frames
      const fill = () => {
        const began = performance.now();
        while (curves.length < shifts.length && performance.now() - began < 6) curves.push(compare(shape().real, fakeAt(shifts[curves.length]), 6));
        if (curves.length < shifts.length) view.redraw();
      };
      start = view.settings.shift;
      look();

      const drawLeft = (ctx, left, width, height, colors) => {
        const { real } = shape();
        const { shift } = view.settings;
        const fake = fakeAt(shift);
        const gap = 26;
        const tall = (height - 4 * gap - 12) / 4;
        const box = (i) => ({ left, top: i * (tall + gap) + 18, width, height: tall });
        const ticks = [-4, -2, 0, 2, 4, 6, 8];
        const title = (p, words, color = colors.ink) => {
          ctx.font = `600 ${ctx.font.replace(/^600 /, "")}`;
          ctx.fillStyle = color;
          ctx.textAlign = "left";
          ctx.textBaseline = "bottom";
          ctx.fillText(words, left + 4, p.box.top - 2);
          ctx.font = ctx.font.replace(/^600 /, "");
        };
        const of = (f) => xs.map(f);
        const pd = of((x) => density(real, x)), gd = of((x) => density(fake, x));
        const pc = of((x) => cdf(real, x)), gc = of((x) => cdf(fake, x));

        // densities
        const top = 1.12 * Math.max(...pd, Math.min(Math.max(...gd), 3 * Math.max(...pd)));
        const p1 = (panel = Live.plot(ctx, colors, box(0), { x: X, y: [0, top] }));
        p1.area(xs, pd, colors.real, { alpha: 0.16 });
        p1.area(xs, gd, colors.fake, { alpha: 0.16 });
        p1.line(xs, pd, colors.real, { width: 2.4 });
        p1.line(xs, gd, colors.fake, { width: 2.4, dash: [7, 4] });
        title(p1, "The two curves");
        const most = gd.indexOf(Math.max(...gd));
        // Names beside the curves, each on the side where the other is not
        const wide = Math.max(...real.map(({ mean, std }) => mean + 1.6 * std));
        const reach = 1.3 * fake[0].std;
        const right = shift >= 0 && p1.x(shift + reach) + 90 < left + width;
        p1.text(shift >= 0 ? -wide : wide, 0.5 * top, "real", colors.real, { align: shift >= 0 ? "right" : "left" });
        p1.text(right ? shift + reach : shift - reach, 0.86 * top, right ? " fake ↔ drag" : "fake ↔ drag ", colors.fake, { align: right ? "left" : "right" });
        ctx.fillStyle = colors.fake;
        ctx.beginPath();
        ctx.arc(p1.x(xs[most]), p1.y(Math.min(top, gd[most]) / 2), 7, 0, 2 * Math.PI);
        ctx.fill();

        // shares below x
        const p2 = Live.plot(ctx, colors, box(1), { x: X, y: [0, 1.03], yticks: [0, 1] });
        ctx.save();
        ctx.beginPath();
        xs.forEach((x, i) => ctx.lineTo(p2.x(x), p2.y(pc[i])));
        for (let i = xs.length - 1; i >= 0; i--) ctx.lineTo(p2.x(xs[i]), p2.y(gc[i]));
        ctx.globalAlpha = 0.3;
        ctx.fillStyle = colors.b;
        ctx.fill();
        ctx.restore();
        p2.line(xs, pc, colors.real, { width: 2.2 });
        p2.line(xs, gc, colors.fake, { width: 2.2, dash: [7, 4] });
        const [a, b] = [cdf(real, now.at), cdf(fake, now.at)];
        p2.line([now.at, now.at], [a, b], colors.a, { width: 5 });
        title(p2, "Share below x: largest gap KS, area W1");
        if (now.ks > 0.15) p2.text(now.at, (a + b) / 2, "  KS", colors.a);
        if (now.w1 > 1.6) p2.text(now.at, (a + b) / 2, "W1  ", colors.b, { align: "right" });

        // D*
        const p3 = Live.plot(ctx, colors, box(2), { x: X, y: [0, 1.03], yticks: [0, 1] });
        const best = optimal(real, fake, xs);
        p3.line(xs, best, colors.d, { width: 7, alpha: 0.45 });
        title(p3, "Perfect D, D*; arrow: slope of JSD", colors.d);

        // the critic
        const f = critic(real, fake, xs);
        const middle = f[Math.round((xs.length - 1) * ((shift / 2 - X[0]) / (X[1] - X[0])))];
        const p4 = Live.plot(ctx, colors, box(3), { x: X, y: [-5, 5], xticks: ticks });
        p4.line(xs, f.map((value) => value - middle), colors.d, { width: 7, alpha: 0.45 });
        title(p4, "Best critic (slope ≤ 1); arrow: slope of W1", colors.d);

        // The fake's place in both, and how steeply each sends it which way
        const arrows = [[p3, best, now.jsdSlope], [p4, f.map((value) => value - middle), now.w1Slope]];
        for (const [p, values, slope] of arrows) {
          const at = Math.max(0, Math.min(xs.length - 1, Math.round((xs.length - 1) * ((shift - X[0]) / (X[1] - X[0])))));
          p.line([shift, shift], p === p4 ? [-5, 5] : [0, 1.03], colors.fake, { width: 1, dash: [2, 3], alpha: 0.8 });
          p.dots([shift], [values[at]], colors.fake, { radius: 5 });
          const long = 70 * Math.abs(slope);
          const y = Math.max(p.box.top + 14, p.y(values[at]) - 18);
          if (Math.abs(slope) < FLAT || now.w1 < AGREE) { // or the curves agree: the bottom of the V has no slope
            ctx.fillStyle = colors.fake;
            ctx.textAlign = p.x(shift) > left + width - 80 ? "right" : "left";
            ctx.textBaseline = "middle";
            if (now.w1 > 0.05) ctx.fillText("  no slope  ", p.x(shift), y);
          } else {
            const to = p.x(shift) - Math.sign(slope) * long;
            ctx.strokeStyle = colors.fake;
            ctx.lineWidth = 3;
            ctx.beginPath();
            ctx.moveTo(p.x(shift), y);
            ctx.lineTo(to, y);
            for (const side of [-5, 5]) {
              ctx.moveTo(to, y);
              ctx.lineTo(to + Math.sign(slope) * Math.min(7, long), y + side);
            }
            ctx.stroke();
          }
        }
      };

      // The three as functions of the shift, with the tangent at the present one
      const drawShift = (ctx, box, colors, lines, most, title) => {
        const { shift } = view.settings;
        const p = Live.plot(ctx, colors, box, { x: SHIFTS, y: [0, most], xticks: [-2, 0, 2, 4, 6, 8], yticks: most > 2 ? [0, 4, 8] : [0, 1] });
        for (const [key, name, color, dash] of lines) {
          const values = curves.map((curve) => curve[key]);
          p.line(shifts.slice(0, values.length), values, color, { width: 2.2, dash });
          const slope = now[`${key}Slope`];
          if (slope !== undefined) p.line([shift - 1.3, shift + 1.3], [now[key] - 1.3 * slope, now[key] + 1.3 * slope], color, { width: 5, alpha: 0.45 });
          p.dots([shift], [now[key]], color, { radius: 5.5 });
          if (values.length === shifts.length) p.text(SHIFTS[1], values[values.length - 1] - (key === "jsd" ? 0.05 : 0), name, color, { align: "right", baseline: key === "jsd" ? "top" : "bottom" });
        }
        ctx.fillStyle = colors.ink;
        ctx.textAlign = "left";
        ctx.textBaseline = "bottom";
        ctx.font = `600 ${ctx.font}`;
        ctx.fillText(title, box.left + 2, box.top - 4);
        return p;
      };

      return {
        change(name) {
          if (name === "reset") view.set("shift", start);
          if (name === "shift" && !walking) [start, view.steps] = [view.settings.shift, 0];
          look();
        },
        step() {
          const slope = view.settings.follow === "w1" ? now.w1Slope : now.jsdSlope;
          walking = true;
          view.set("shift", Math.max(SHIFTS[0], Math.min(SHIFTS[1], view.settings.shift - RATE * slope)));
          walking = false;
        },
        done: () => view.steps > 600 || (Math.abs(view.settings.shift) < RATE / 2 && view.settings.shape !== "peaks"),
        drag(a, b, phase) {
          const [x] = panel.inverse(a, b);
          const inside = b < panel.box.top + panel.box.height + 8 && a < panel.box.left + panel.box.width + 8;
          if (phase === "down") {
            if (!inside || Math.abs(x - view.settings.shift) * (panel.box.width / (X[1] - X[0])) > Math.max(30, 60 * shape().std)) return false;
            held = x - view.settings.shift;
          } else if (phase === "move") view.set("shift", Math.max(SHIFTS[0], Math.min(SHIFTS[1], Math.round((x - held) * 20) / 20)));
          return true;
        },
        draw(ctx, width, height) {
          const colors = view.colors;
          fill();
          const narrow = width < 640;
          const left = narrow ? 22 : 26;
          const main = narrow ? width - left - 4 : 0.6 * width;
          const below = narrow ? 470 : height;
          drawLeft(ctx, left, main, below, colors);
          const jsd = ["jsd", "JSD", colors.a, []], ks = ["ks", "KS", colors.muted, [2, 3]], w1 = ["w1", "W1", colors.b, []];
          let one, two;
          if (narrow) {
            const half = (width - 68) / 2;
            one = { left, top: below + 28, width: half, height: height - below - 48 };
            two = { ...one, left: left + half + 36 };
          } else {
            const side = left + main + 46;
            one = { left: side, top: 18, width: width - side - 4, height: height / 2 - 54 };
            two = { ...one, top: height / 2 + 10 };
          }
          drawShift(ctx, one, colors, [w1], 8.8, "W1 by shift");
          const p = drawShift(ctx, two, colors, [ks, jsd], 1.18, "KS, JSD by shift");
          p.line(SHIFTS, [Math.LN2, Math.LN2], colors.rule, { width: 1, dash: [4, 4] });
          p.text(SHIFTS[0], Math.LN2, "log 2 ", colors.muted, { align: "right" });
        },
        text() {
          const number = Live.format;
          const tiny = (x) => (Math.abs(x) < 1e-4 ? "below 0.0001" : number(x));
          const { shift } = view.settings;
          const numbers = `Shift ${number(Math.round(100 * shift) / 100)}: KS ${number(now.ks)}. W1 ${number(now.w1)}, slope ${number(Math.round(now.w1Slope * 1000) / 1000)}. ` +
            `JSD ${number(now.jsd)} of at most ${number(Math.LN2)}, slope ${tiny(now.jsdSlope)}.`;
          const flat = Math.abs(now.jsdSlope) < FLAT, steep = Math.abs(now.w1Slope) > 0.5;
          const away = shift > 0 ? "left" : "right";
          if (now.w1 < AGREE) return `${numbers} The curves agree, and nobody can tell them apart.`;
          if (flat && steep && now.jsd > 0.9 * Math.LN2)
            return `${numbers} D* is a step, sure of every point, and JSD is flat. The critic is still a ramp that says which way to go: ${away}.`;
          if (flat && steep) return `${numbers} JSD is at a low point: it would leave the fake on this peak. The critic wants it nearer to the other: ${away}.`;
          if (flat) return `${numbers} JSD has no slope here: a shift does not bring it down.`;
          if (steep && Math.abs(now.jsdSlope) < 0.1) return `${numbers} JSD levels off: little says which way to go. The critic’s slope stays.`;
          return `${numbers} The curves overlap: both say which way to go.`;
        },
      };
    },
  });
})();
