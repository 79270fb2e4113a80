// One pixel and the bell curve (chapters 2 and 3): a GAN of single numbers, and all there is to know about it, exactly.
// Needs nn.js and densities.js.
(() => {
  "use strict";
  const BATCH = 64, CELLS = 240, STRETCHES = 400;
  const SEEDS = 20, SEED_STEPS = 1000; // "Run 20 seeds"
  const EMA = 0.99; // the average of G's weights looks back about a hundred steps

  const bump = (x, mean, std) => Math.exp(-0.5 * ((x - mean) / std) ** 2) / std;
  const cut = (x, density) => (Math.abs(x) <= 1 ? density : 0); // a pixel lies between white, -1, and black, 1
  const SIDE = 1.25 * Math.sqrt(3); // three spikes with the four moments of the bell curve (chapter 3)
  const TARGETS = { // name, from, to, ticks, density up to a factor
    bell: ["The bell curve N(4, 1.25)", -1, 9, [0, 2, 4, 6, 8], (x) => bump(x, 4, 1.25)],
    gray: ["A gray pixel", -1.6, 1.6, [-1, 0, 1], (x) => cut(x, bump(x, 0, 0.35))],
    ink: ["Ink and paper: two peaks", -1.6, 1.6, [-1, 0, 1], (x) => cut(x, 0.7 * bump(x, -0.5, 0.15) + 0.3 * bump(x, 0.5, 0.15))],
    spikes: ["Three spikes", -1, 9, [0, 2, 4, 6, 8], (x) => (bump(x, 4 - SIDE, 0.15) + 4 * bump(x, 4, 0.15) + bump(x, 4 + SIDE, 0.15)) / 6],
    far: ["A bell curve far away, N(400, 1.25)", 395, 405, [396, 398, 400, 402, 404], (x) => bump(x, 400, 1.25)],
    own: ["Draw your own", -1, 9, [0, 2, 4, 6, 8]],
  };
  // What was drawn: heights from 0 to 35, one digit each, so that it fits into the address
  const COLUMNS = 40, TOP = 35;
  const OWN = "12579bdeedb97543234579cgkmnmkgc952000000";
  const height = (text, i) => parseInt(text[i], 36) || 0;

  // What the picture calls things: by their names, and in plain words for a page where nothing has a name yet
  const NAMED = {
    real: "real, p_data", fake: "fake, p_g", d: "D (thin), best possible D* (wide)", critic: "critic f (thin), best possible f* (wide)", g: "G(z) (thin), perfect G (wide)", distance: "Distance W₁ from fakes to data",
    far: (away, ks) => `they are ${away} away on average (Wasserstein-1), and the largest gap between the shares below any x is ${ks.toFixed(2)} (KS).`,
  };
  const PLAIN = {
    real: "real", fake: "fake", d: "detective (thin), best possible one (wide)", critic: "critic f (thin), best possible f* (wide)", g: "forger (thin), perfect one (wide)", distance: "Distance from fakes to data",
    far: (away) => `on average ${away} away.`,
  };
  const FEW = { ...PLAIN, d: "real to the detective? (½: it cannot tell)", critic: "how high the critic scores a number" };

  const noise = Live.normalNoise(STRETCHES);

  // The data: its density on a grid, its cumulative curve, its units
  const makeTarget = ({ target, own }) => {
    const [, low, high, ticks, density] = TARGETS[target];
    const grid = Live.grid(low, high, CELLS);
    const drawn = (_, k) => {
      const at = ((k + 0.5) / CELLS) * COLUMNS - 0.5, i = Math.max(0, Math.min(COLUMNS - 2, Math.floor(at)));
      const share = Math.max(0, Math.min(1, at - i));
      return (1 - share) * height(own, i) + share * height(own, i + 1);
    };
    const p = density ? grid.centers.map(density) : grid.centers.map(drawn);
    let total = p.reduce((sum, value) => sum + value) * grid.step;
    if (!(total > 0)) { p.fill(1); total = high - low; }
    p.forEach((value, k) => (p[k] = value / total));
    const F = Live.cumulative(p, grid, 0);
    const mean = p.reduce((sum, value, k) => sum + value * grid.centers[k], 0) * grid.step;
    const std = Math.sqrt(p.reduce((sum, value, k) => sum + value * (grid.centers[k] - mean) ** 2, 0) * grid.step);
    const quantiles = noise.middles.map((_, i) => Live.quantile(F, grid, (i + 0.5) / STRETCHES));
    const top = density ? 1.6 * Math.max(...p) : TOP / total;
    return { grid, ticks, p, F, mean, std, quantiles, top };
  };

  // One GAN: its players, its numbers, and its distance to the data
  const makePlayer = (settings, seed) => {
    const random = Live.random(1000 + seed);
    const shape = settings.g === "line" ? [[1, 1], ["identity"]] : [[1, 16, 16, 1], ["tanh", "tanh", "identity"]];
    const G = Live.mlp(...shape, random), average = Live.mlp(...shape);
    average.weights.set(G.weights);
    const D = Live.mlp([1, 16, 16, 1], ["leaky", "leaky", "identity"], random);
    const real = new Float64Array(BATCH), z = new Float64Array(BATCH);
    const player = {
      D, steps: 0, made: new Float64Array(STRETCHES),
      tune(settings) { // the players stay as they are; their game changes
        const { loss, penalty } = settings;
        const [r1, gp] = !penalty ? [0, 0] : loss === "wasserstein" ? [0, 10] : [0.1, 0];
        player.gan = Live.gan({ G, D, loss, r1, gp, betas: [0, 0.99], clip: !penalty && loss === "wasserstein" ? 0.3 : 0 });
      },
      step({ lr, dLr, dSteps }, { F, grid }, [mean, std]) {
        const { gan } = player;
        gan.g.lr = lr;
        gan.d.lr = dLr;
        for (let k = 0; k < dSteps; k++) {
          for (let i = 0; i < BATCH; i++) real[i] = (Live.quantile(F, grid, random.one()) - mean) / std;
          gan.stepD(real, random.normal(BATCH, z));
        }
        gan.stepG(random.normal(BATCH, z));
        player.steps++;
        const keep = Math.min(EMA, player.steps / (player.steps + 9)); // the first weights are forgotten sooner
        for (let i = 0; i < G.weights.length; i++) average.weights[i] += (1 - keep) * (G.weights[i] - average.weights[i]);
      },
      forger: (settings) => (settings.average ? average : G), // which of the two makes the fakes that are shown
      distance(settings, { quantiles }, [mean, std]) { // Wasserstein-1, from quantiles
        const y = player.forger(settings).forward(noise.middles, STRETCHES);
        for (let i = 0; i < STRETCHES; i++) player.made[i] = mean + std * y[i];
        return Live.meanGap(player.made, quantiles);
      },
    };
    player.tune(settings);
    return player;
  };

  Live.demo("curve", {
    title: "A GAN of one number",
    keys: true,
    slow: 4,
    pace: ({ steps }) => (steps < 60 ? 15 : steps < 400 ? 60 : steps < 1500 ? 300 : Infinity), // slow while most of it happens
    settings: {
      target: { label: "Data", value: "bell", choices: Object.fromEntries(Object.entries(TARGETS).map(([key, [name]]) => [key, name])) },
      g: { label: "G", value: "bent", choices: { bent: "two hidden layers", line: "a straight line, w z + b" } },
      loss: { label: "Loss of G", value: "nonSaturating", choices: { nonSaturating: "non-saturating", minimax: "minimax", wasserstein: "Wasserstein" } },
      dSteps: { label: "Steps of D for each of G", value: 1, min: 1, max: 10, step: 1 },
      lr: { label: "Rate of G", value: 0.003, min: 0.0003, max: 0.3, log: true },
      dLr: { label: "Rate of D", value: 0.02, min: 0.0003, max: 0.3, log: true },
      seed: { label: "Seed", value: 0, min: 0, max: 99, step: 1 },
      average: { label: "Average of G's weights", value: true },
      penalty: { label: "Penalty on the slope of D", value: true },
      standard: { label: "Standard units", value: true },
      own: { value: OWN },
      plain: { value: 0, min: 0, max: 2 }, // 1: in plain words; 2: nor the best possible D, nor the curve of G
      x: { value: -1, min: -1, max: 1 }, // where the reader looks, as a share of the panel; -1: nowhere
    },
    height: (width, view) => (view.settings.plain === 2 ? 400 : width < 560 ? 640 : Math.max(400, 0.6 * width)),

    create(view) {
      const { settings } = view, names = [NAMED, PLAIN, FEW][settings.plain], few = names === FEW;
      let target, units, player, panels = {}, shown, drawing = false, last = -1, swarm = null;
      const q = new Float64Array(CELLS), best = new Float64Array(CELLS);

      const retarget = () => {
        target = makeTarget(settings);
        units = settings.standard ? [target.mean, target.std] : [0, 1];
        shown = null;
      };
      const restart = () => {
        retarget();
        player = makePlayer(settings, settings.seed);
        view.steps = 0;
        stop();
      };

      // Everything that the picture shows of the player's position now
      const look = () => {
        const { grid, p, F } = target, [mean, std] = units;
        const distance = player.distance(settings, target, units);
        view.G = player.forger(settings); // for those who look in the console
        const y = view.G.forward(noise.ends, STRETCHES + 1);
        const values = Float64Array.from({ length: STRETCHES + 1 }, (_, i) => mean + std * y[i]);
        if (settings.g === "line") {
          const [zero, one] = view.G.forward([0, 1], 2);
          Live.normalDensity(mean + std * zero, std * Math.abs(one - zero), grid, q);
        } else Live.pushForward(values, noise.mass, grid, q);
        const made = Live.cumulative(q, grid);
        const inputs = grid.centers.map((x) => (x - mean) / std);
        const logits = player.D.forward(inputs, CELLS).slice(0, CELLS);
        const inside = made[CELLS] - made[0];
        const middle = player.made.reduce((sum, x) => sum + x) / STRETCHES;
        return { values, distance, ks: Live.ks(F, made), logits, outside: 1 - inside, middle, made, best: Live.optimalD(p, q, best) };
      };

      // --- 20 seeds, a few steps of each in every frame ---
      const stop = () => {
        swarm = null;
        seeds.textContent = "Run 20 seeds";
      };
      const seeds = view.button("Run 20 seeds", () => {
        if (swarm?.running) return stop(), view.redraw();
        const players = Array.from({ length: SEEDS }, (_, seed) => makePlayer(settings, seed));
        const mine = (swarm = { players, distances: players.map((one) => one.distance(settings, target, units)), next: 0, running: true });
        seeds.textContent = "Stop";
        const slice = () => {
          if (swarm !== mine || !mine.running) return;
          const start = performance.now(), budget = view.running ? 4 : 10;
          while (mine.running && performance.now() - start < budget) {
            const i = mine.next, one = players[i];
            for (let k = 0; k < 10; k++) one.step(settings, target, units);
            mine.distances[i] = one.distance(settings, target, units);
            mine.next = (i + 1) % SEEDS;
            if (mine.next === 0 && one.steps >= SEED_STEPS) {
              mine.running = false;
              seeds.textContent = "Run 20 seeds again";
            }
          }
          view.redraw();
          requestAnimationFrame(slice);
        };
        requestAnimationFrame(slice);
      });

      restart();

      // --- the picture ---
      const layout = (width, height) => {
        const gauge = { left: 14, width: width - 28, top: height - 44, height: 16 };
        const bottom = gauge.top - 30; // of all that is above the distance
        if (few) {
          const left = 34, wide = width - left - 8, upper = 0.6 * bottom;
          return {
            gauge,
            top: { left, width: wide, top: 24, height: upper - 44 },
            d: { left, width: wide, top: upper + 30, height: bottom - upper - 48 },
          };
        }
        if (width < 560) {
          const left = 28, wide = width - left - 6;
          return {
            gauge,
            top: { left, width: wide, top: 24, height: 146 },
            d: { left, width: wide, top: 216, height: 92 },
            g: { left, width: wide, top: 356, height: bottom - 356 - 18 },
          };
        }
        const left = 34, wide = 0.56 * width - left, upper = 0.54 * bottom;
        return {
          gauge,
          top: { left, width: wide, top: 24, height: upper - 44 },
          d: { left, width: wide, top: upper + 30, height: bottom - upper - 48 },
          g: { left: 0.56 * width + 50, width: 0.44 * width - 58, top: 24, height: bottom - 42 },
        };
      };
      const draw = (ctx, width, height) => {
        const { colors } = view, boxes = layout(width, height), { grid, p, top } = target;
        const now = (shown = look());
        const wgan = settings.loss === "wasserstein";
        const x = [grid.low, grid.high];
        const above = (box, words) => {
          ctx.font = `13px ${getComputedStyle(document.body).fontFamily}`;
          ctx.textAlign = "left";
          ctx.textBaseline = "bottom";
          ctx.fillStyle = colors.ink;
          ctx.fillText(words, box.left, box.top - 5);
        };

        // real and fake
        const one = (panels.top = Live.plot(ctx, colors, boxes.top, { x, y: [0, top], xticks: target.ticks }));
        one.area(grid.centers, p, colors.real, { alpha: 0.22 });
        one.line(grid.centers, p, colors.real, { width: 2 });
        one.area(grid.centers, q, colors.fake, { alpha: 0.22 });
        one.line(grid.centers, q, colors.fake, { width: 2.25, dash: [6, 3] });
        key(ctx, boxes.top, colors, [[names.real, colors.real, []], [names.fake, colors.fake, [6, 3]]]);
        const hint = settings.target === "own" ? settings.own === OWN && "draw in here" : !player.steps && !few && "point at an x";
        if (hint && settings.x < 0) one.text(grid.high, 0.92 * top, hint, colors.muted, { align: "right" });

        // D
        const range = wgan ? critic(now) : { y: [-0.03, 1.03], solid: now.logits.map(Live.sigmoid), pale: now.best };
        const two = (panels.d = Live.plot(ctx, colors, boxes.d, { x, y: range.y, xticks: target.ticks, yticks: wgan ? [] : [0, 0.5, 1] }));
        if (!wgan) two.line(x, [0.5, 0.5], colors.rule, { width: 1, dash: [3, 3] });
        if (!few) gaps(grid.centers, range.pale, (xs, ys) => two.line(xs, ys, colors.d, { width: 8, alpha: 0.28 }));
        two.line(grid.centers, range.solid, colors.d, { width: 2.25 });
        above(boxes.d, wgan ? names.critic : names.d);

        // G
        if (boxes.g) {
          const box = { x: [-3.2, 3.2], y: x, xticks: [-3, -2, -1, 0, 1, 2, 3], yticks: target.ticks, xlabel: "noise z" };
          const three = Live.plot(ctx, colors, boxes.g, box);
          // uphill or downhill makes no difference to what comes out, so the wide curve runs the way that G does
          const uphill = now.values.reduce((sum, value, i) => sum + value * noise.ends[i], 0) >= 0;
          three.line(noise.middles, uphill ? target.quantiles : target.quantiles.slice().reverse(), colors.real, { width: 8, alpha: 0.28 });
          three.line(noise.ends, now.values, colors.g, { width: 2.5 });
          above(boxes.g, names.g);
        }

        if (now.outside > 0.02) { // where the fakes are that the panel does not show
          const left = now.made[0] > 1 - now.made[CELLS];
          one.text(left ? x[0] : x[1], 0.62 * top, `${left ? "← " : ""}${percent(now.outside)} of the fakes${left ? "" : " →"}`, colors.fake, { align: left ? "left" : "right" });
        }
        if (settings.x >= 0 && !drawing) reading(ctx, one, two, boxes);
        gauge(ctx, boxes.gauge, now);
      };

      const key = (ctx, box, colors, entries) => {
        ctx.font = `13px ${getComputedStyle(document.body).fontFamily}`;
        let at = box.left;
        for (const [words, color, dash] of entries) {
          ctx.strokeStyle = color;
          ctx.lineWidth = 2.5;
          ctx.setLineDash(dash);
          ctx.beginPath();
          ctx.moveTo(at, box.top - 12);
          ctx.lineTo(at + 24, box.top - 12);
          ctx.stroke();
          ctx.setLineDash([]);
          ctx.fillStyle = colors.ink;
          ctx.textAlign = "left";
          ctx.textBaseline = "middle";
          ctx.fillText(words, at + 30, box.top - 12);
          at += 30 + ctx.measureText(words).width + 18;
        }
      };

      // The stretches of a curve between its gaps, where D* is not defined
      const gaps = (xs, ys, paint) => {
        let from = 0;
        for (let k = 0; k <= xs.length; k++) {
          if (k < xs.length && !isNaN(ys[k])) continue;
          if (k - from > 1) paint(xs.subarray(from, k), ys.subarray(from, k));
          from = k + 1;
        }
      };

      // The critic, and the best critic: up where too many fakes lie farther down, down where they lie farther up
      const critic = ({ logits, made }) => {
        const { grid, F } = target, ideal = new Float64Array(CELLS);
        for (let k = 1; k < CELLS; k++) {
          const ahead = made[k] - F[k];
          ideal[k] = ideal[k - 1] + (Math.abs(ahead) < 0.002 ? 0 : Math.sign(ahead)) * (grid.step / units[1]);
        }
        const centered = (f) => {
          const mean = target.p.reduce((sum, value, k) => sum + value * f[k], 0) * grid.step;
          return f.map((value) => value - mean);
        };
        const solid = centered(logits), pale = centered(ideal);
        const low = Math.min(...solid, ...pale), high = Math.max(...solid, ...pale), edge = 0.06 * (high - low) + 0.01;
        return { y: [low - edge, high + edge], solid, pale };
      };

      // What the reader points at: two bars, and the fraction that they make
      const fraction = () => {
        const k = Math.min(CELLS - 1, Math.floor(settings.x * CELLS)), both = target.p[k] + q[k];
        return { x: target.grid.centers[k], real: target.p[k], fake: q[k], share: both > 1e-6 ? target.p[k] / both : NaN };
      };
      const reading = (ctx, one, two, boxes) => {
        const { colors } = view, { top } = target, { x, real, fake, share } = fraction();
        const at = one.x(x), floor = one.y(0);
        ctx.strokeStyle = colors.ink;
        ctx.lineWidth = 1;
        ctx.beginPath();
        ctx.moveTo(at, boxes.top.top);
        ctx.lineTo(at, boxes.d.top + boxes.d.height);
        ctx.stroke();
        for (const [value, color, side] of [[real, colors.real, -11], [fake, colors.fake, 1]]) {
          ctx.fillStyle = color;
          ctx.fillRect(at + side, one.y(Math.min(value, top)), 10, floor - one.y(Math.min(value, top)));
        }
        const right = settings.x < 0.5, words = [
          `x = ${Live.format(+x.toFixed(2))}`,
          ...(isNaN(share) ? ["nothing real, nothing", "fake falls here"] : [`D* = ${share.toFixed(2)} =`, `${short(real)} / (${short(real)} + ${short(fake)})`]),
        ];
        ctx.font = `13px ${getComputedStyle(document.body).fontFamily}`;
        ctx.textAlign = right ? "left" : "right";
        ctx.textBaseline = "top";
        const wide = Math.max(...words.map((line) => ctx.measureText(line).width)) + 10, from = at + (right ? 16 : -16);
        ctx.globalAlpha = 0.88; // on top of the hills
        ctx.fillStyle = colors.paper;
        ctx.fillRect(right ? from - 5 : from + 5 - wide, boxes.top.top, wide, 17 * words.length + 5);
        ctx.globalAlpha = 1;
        ctx.fillStyle = colors.ink;
        words.forEach((line, i) => ctx.fillText(line, from, boxes.top.top + 4 + 17 * i));
        if (settings.loss !== "wasserstein" && !isNaN(share)) two.dots([x], [share], colors.ink, { radius: 5 });
      };

      // The distance on a scale of its own: a ring for this run, a dot for each of the 20 seeds
      const gauge = (ctx, box, now) => {
        const { colors } = view, low = Math.log(0.02), high = Math.log(5);
        const place = (distance) => box.left + Math.min(1, Math.max(0, (Math.log(distance / target.std) - low) / (high - low))) * box.width;
        const y = box.top + box.height / 2;
        const label = (words, at, place, align, color = colors.muted) => {
          ctx.font = `12.5px ${getComputedStyle(document.body).fontFamily}`;
          ctx.fillStyle = color;
          ctx.textAlign = align;
          ctx.textBaseline = "alphabetic";
          ctx.fillText(words, at, place);
        };
        ctx.strokeStyle = colors.rule;
        ctx.lineWidth = 1;
        ctx.beginPath();
        ctx.moveTo(box.left, y);
        ctx.lineTo(box.left + box.width, y);
        const marks = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10].filter((tick) => tick > 0.021 * target.std && tick < 4.5 * target.std);
        for (const tick of marks) {
          const at = place(tick);
          ctx.moveTo(at, y - 8);
          ctx.lineTo(at, y + 8);
        }
        ctx.stroke();
        for (const tick of marks) label(Live.format(tick), place(tick), box.top + box.height + 16, "center");
        label(swarm ? `Distance W₁: ring, this run; dots, 20 seeds after ${swarm.players[SEEDS - 1].steps.toLocaleString("en-US")} of ${SEED_STEPS.toLocaleString("en-US")} steps`
          : names.distance, box.left, box.top - 8, "left", colors.ink);
        swarm?.distances.forEach((distance, i) => {
          ctx.globalAlpha = 0.65;
          ctx.fillStyle = colors.fake;
          ctx.beginPath();
          ctx.arc(place(distance), y + ((i * 7) % 5 - 2) * 3, 4, 0, 2 * Math.PI);
          ctx.fill();
          ctx.globalAlpha = 1;
        });
        ctx.strokeStyle = colors.ink;
        ctx.lineWidth = 2.5;
        ctx.beginPath();
        ctx.arc(place(now.distance), y, 7, 0, 2 * Math.PI);
        ctx.stroke();
      };

      const short = (value) => (value < 0.005 ? "0" : String(+value.toPrecision(3)));
      const percent = (share) => `${Math.round(100 * share)} %`;
      const inTop = (x, y) => {
        if (few && settings.target !== "own") return false;
        const { left, top, width, height } = panels.top?.box ?? {};
        const below = (panels.d?.box.top ?? 0) + (panels.d?.box.height ?? 0);
        return x >= left - 8 && x <= left + width + 8 && y >= top - 8 && y <= (settings.target === "own" ? top + height + 8 : below);
      };
      const point = (x) => {
        const { left, width } = panels.top.box;
        return Math.min(1, Math.max(0, (x - left) / width));
      };
      // A finger's way: all columns between its last place and this one get heights on a straight line
      const sketch = (x, y) => {
        const { top, height: tall } = panels.top.box, own = settings.own.split("");
        const column = Math.min(COLUMNS - 1, Math.floor(point(x) * COLUMNS));
        const level = Math.round(TOP * Math.min(1, Math.max(0, 1 - (y - top) / tall)));
        const from = last < 0 ? column : last, start = last < 0 ? level : height(settings.own, last);
        for (let i = Math.min(from, column); i <= Math.max(from, column); i++) {
          const share = from === column ? 1 : (i - from) / (column - from);
          own[i] = Math.round(start + share * (level - start)).toString(36);
        }
        last = column;
        view.set("own", own.join(""));
      };

      return {
        change(name) {
          if (["target", "g", "standard", "reset"].includes(name)) restart();
          else if (name === "seed") restart(), view.start();
          else if (name === "own") retarget(), stop(); // the players go on, towards new data
          else if (name === "loss" || name === "penalty") player.tune(settings), stop();
          else if (name !== "x" && name !== "average") stop();
        },
        step: () => player.step(settings, target, units),
        draw,
        drag(x, y, phase) {
          if (phase === "down" && !inTop(x, y)) return false;
          if (settings.target === "own") {
            drawing = phase !== "up";
            if (drawing) sketch(x, y);
            else last = -1;
          } else view.set("x", point(x));
          return true;
        },
        hover(x, y) {
          const to = inTop(x, y) ? point(x) : -1;
          if (to !== settings.x) { settings.x = to; view.redraw(); }
        },
        key(key) {
          const across = { ArrowLeft: -1, ArrowRight: 1 }[key], up = { ArrowUp: 1, ArrowDown: -1 }[key];
          if (across) view.set("x", Math.min(1, Math.max(0, (settings.x < 0 ? 0.5 : settings.x) + across / COLUMNS)));
          else if (up && settings.target === "own") {
            const i = Math.min(COLUMNS - 1, Math.floor(Math.max(0, settings.x) * COLUMNS));
            const level = Math.min(TOP, Math.max(0, height(settings.own, i) + 2 * up));
            view.set("own", settings.own.slice(0, i) + level.toString(36) + settings.own.slice(i + 1));
          } else return false;
          return true;
        },
        text() {
          const { distance, ks, outside, middle } = shown ?? look();
          const step = player.steps.toLocaleString("en-US"), near = distance / target.std;
          const start = player.steps ? `After ${step} ${player.steps === 1 ? "step" : "steps"} ` : "Before the first step ";
          const where = outside > 0.5 ? `${percent(outside)} of the fakes lie outside the picture, around ${Live.format(middle)}`
            : near < 0.12 && ks < 0.06 ? "the fakes lie on the data" : near < 0.3 ? "the fakes are near the data" : "the fakes are not yet on the data";
          const some = swarm && !swarm.running ? ` Of 20 seeds, ${swarm.distances.filter((d) => d < 0.12 * target.std).length} end under ${Live.format(0.12 * target.std)}.` : "";
          const { x, real, fake, share } = fraction();
          const there = settings.x < 0 || isNaN(share) ? "" : ` At x = ${Live.format(+x.toFixed(2))}, D* is ${short(real)} / (${short(real)} + ${short(fake)}) = ${share.toFixed(2)}.`;
          return `${start}${where}: ${names.far(Live.format(+distance.toPrecision(2)), ks)}${some}${there}`;
        },
      };
    },
  });
})();
