// Break it (chapter 8): the GAN of one number with a slip in it, its two loss curves, and the tests that find the slip.
// Needs nn.js and densities.js.
//
// The loop is written by hand and works as in PyTorch: a gradient stays after the step, and is added to unless it is
// cleared. The tests know nothing of the switch. They get what anyone has of a GAN of their own: the two networks, the
// two optimizers, the two halves of a step, and what draws data and noise. They work on copies.
(() => {
  "use strict";
  const BATCH = 128, STRETCHES = 300, CELLS = 220;
  const START = -4; // where the fakes are at first
  const SETTLED = 300, END = 400; // steps until the fakes of a GAN that works lie on the data, and of a whole run
  const G_RATE = 0.01, D_RATE = 0.03, DECAY = 0.1; // the rates fall to a tenth until it has settled
  const quantiles = Live.normalNoise(STRETCHES);

  // What can be wrong: its name, and what it changes in the recipe
  const RECIPE = { hidden: [16, 16], last: "identity", rate: 1, gRate: 1, dSteps: 1, r1: 0.3, clears: true, mean: 0, std: 1, sigma: 1, missing: 0 };
  const SLIPS = {
    none: ["nothing", {}],
    labels: ["D’s labels are swapped", { dSwapped: true }],
    glabel: ["G’s label is 0, not 1", { gSwapped: true }],
    cut: ["G’s gradient is cut (detach)", { cut: true }],
    kept: ["gradients are not cleared", { clears: false }],
    optimizer: ["G’s optimizer holds D’s weights", { mixedUp: true }],
    sigmoid: ["a sigmoid at the end of D", { last: "sigmoid" }],
    fast: ["learning rates × 50", { rate: 50 }],
    slow: ["learning rates / 1,000", { rate: 0.001 }],
    strong: ["D too strong: 20 steps, G slow", { dSteps: 20, r1: 0, minimax: true, gRate: 1 / 20 }],
    weak: ["D too weak: a straight line", { hidden: [] }],
    raw: ["data in raw units: 400 ± 1.25", { mean: 400, std: 1.25 }],
    noise: ["the noise hardly varies", { sigma: 0.005 }],
    nan: ["some of the data are NaN", { missing: 1 / 500 }],
  };

  // Adam with betas (0, 0.99)
  const adam = (net, past = { v: new Float64Array(net.weights.length), power: 1 }) => ({
    net, past,
    step(lr) {
      const { weights: w, gradient: g } = net, { v } = past;
      const scale = 1 / Math.sqrt(1 - (past.power *= 0.99));
      for (let i = 0; i < w.length; i++) {
        v[i] = 0.99 * v[i] + 0.01 * g[i] * g[i];
        w[i] -= (lr * g[i]) / (Math.sqrt(v[i]) * scale + 1e-8);
      }
    },
  });

  const makeRun = (slip, seed) => {
    const recipe = { ...RECIPE, ...SLIPS[slip][1] }, { hidden, mean, std, sigma, missing, clears } = recipe;
    const build = (random) => [
      Live.mlp([1, 16, 16, 1], ["tanh", "tanh", "identity"], random),
      Live.mlp([1, ...hidden, 1], [...hidden.map(() => "leaky"), recipe.last], random),
    ];
    const assemble = ([G, D], random, steps, pasts = []) => {
      const gOptimizer = adam(recipe.mixedUp ? D : G, pasts[0]), dOptimizer = adam(D, pasts[1]);
      const x = new Float64Array(2 * BATCH), slopes = new Float64Array(2 * BATCH), z = new Float64Array(BATCH);
      const flip = (yes, ...arrays) => { // a logit's label is swapped by its sign
        if (yes) for (const array of arrays) for (let i = 0; i < array.length; i++) array[i] *= -1;
      };
      const run = {
        G, D, steps, losses: [], data: { mean, std },
        shape: (z) => sigma * z, // what goes into G, from a standard normal number
        noise: (n, out) => random.normal(n, out).map(run.shape),
        real: (n, out) => random.normal(n, out).map((value) => (missing && random.one() < missing ? NaN : mean + std * value)),
        rate: () => recipe.rate * Math.max(DECAY, 1 - ((1 - DECAY) * run.steps) / SETTLED),
        moveD() {
          if (clears) dOptimizer.net.gradient.fill(0);
          x.set(run.real(BATCH, z));
          x.set(G.forward(run.noise(BATCH, z), BATCH).subarray(0, BATCH), BATCH);
          const logits = D.forward(x, 2 * BATCH).subarray(0, 2 * BATCH);
          flip(recipe.dSwapped, logits);
          const loss = Live.losses.discriminator(logits, BATCH, slopes);
          flip(recipe.dSwapped, logits, slopes);
          D.backward(slopes, 2 * BATCH);
          if (recipe.r1) D.penalize(Live.R1, recipe.r1, BATCH);
          dOptimizer.step(run.rate() * D_RATE);
          return loss;
        },
        moveG() {
          if (clears) gOptimizer.net.gradient.fill(0);
          const logits = D.forward(G.forward(run.noise(BATCH, z), BATCH), BATCH).subarray(0, BATCH), mine = slopes.subarray(0, BATCH);
          flip(recipe.gSwapped, logits);
          const loss = Live.losses[recipe.minimax ? "minimax" : "nonSaturating"](logits, BATCH, mine);
          flip(recipe.gSwapped, logits, mine);
          const back = D.backward(mine, BATCH, { inputs: true }); // leaves a gradient at D's weights, too, as PyTorch does
          if (!recipe.cut) G.backward(back, BATCH);
          gOptimizer.step(run.rate() * recipe.gRate * G_RATE);
          return loss;
        },
        step() {
          let d;
          for (let k = 0; k < recipe.dSteps; k++) d = run.moveD();
          run.losses.push([run.moveG(), d]);
          run.steps++;
        },
        copy() { // the same position, on batches of its own
          const nets = build();
          [G, D].forEach((net, i) => { nets[i].weights.set(net.weights); nets[i].gradient.set(net.gradient); });
          return assemble(nets, Live.random(5000 + run.steps), run.steps, [gOptimizer, dOptimizer].map(({ past }) => ({ v: past.v.slice(), power: past.power })));
        },
      };
      return run;
    };
    const begin = (random) => {
      const nets = build(random);
      nets[0].weights[nets[0].weights.length - 1] = START; // the last bias
      return Object.assign(assemble(nets, random, 0), { afresh: () => begin(Live.random(3000 + seed)) }); // the same loop with new networks
    };
    return begin(Live.random(1000 + seed));
  };

  // --- the tests: each returns what it measures ---
  const size = (a) => Math.sqrt(a.reduce((sum, value) => sum + value * value, 0));
  const mean = (a) => a.reduce((sum, value) => sum + value, 0) / a.length;
  const spread = (a, middle = mean(a)) => Math.sqrt(mean(a.map((value) => (value - middle) ** 2)));
  const gap = (a, b) => a.map((value, i) => value - b[i]);
  const out = (net, x) => net.forward(x, x.length).slice(0, x.length);
  const fakes = (run) => out(run.G, quantiles.middles.map(run.shape));
  const truth = ({ data }) => quantiles.middles.map((z) => data.mean + data.std * z);
  const TESTS = {
    input: { // how large the numbers are that D reads, and whether they are numbers
      name: "Size of the numbers that D reads", scale: [0.01, 1000], good: [0.1, 20], once: true,
      measure: (run) => size(run.copy().real(4000)) / Math.sqrt(4000),
    },
    noise: {
      name: "Spread of the noise", scale: [0.001, 10], good: [0.1, 10], once: true,
      measure: (run) => spread(run.copy().noise(1000)),
    },
    left: { // put 1 into every gradient before a step: is it still in there when the optimizer has stepped?
      name: "Old gradients left in a step", scale: [0, 1], good: [0, 0.01],
      measure(run) {
        const [[d, g], [d1, g1]] = [0, 1].map((mark) => {
          const copy = run.copy();
          copy.D.gradient.fill(mark);
          copy.G.gradient.fill(mark);
          copy.moveD();
          const atD = copy.D.gradient.slice();
          copy.D.weights.set(run.D.weights); // both copies of G meet the same D
          copy.moveG();
          return [atD, copy.G.gradient];
        });
        return Math.min(1, Math.max(mean(gap(d1, d).map(Math.abs)), mean(gap(g1, g).map(Math.abs))));
      },
    },
    gradient: {
      name: "Gradient at G’s weights", scale: [1e-9, 1000], good: [1e-7, Infinity],
      measure(run) {
        const copy = run.copy();
        copy.G.gradient.fill(0);
        copy.moveG();
        return size(copy.G.gradient);
      },
    },
    gUpdate: { // on new weights: a trained network's step shrinks with its gradient, and would hide the rate
      name: "A new G moves in its first step by", scale: [1e-6, 100], good: [2e-4, 0.3], percent: true, once: true,
      measure(run) {
        const { G, moveG } = run.afresh(), before = G.weights.slice();
        moveG();
        return size(gap(G.weights, before)) / size(before);
      },
    },
    dUpdate: {
      name: "A new D moves in its first step by", scale: [1e-6, 100], good: [1e-3, 1], percent: true, once: true,
      measure(run) {
        const { D, moveD } = run.afresh(), before = D.weights.slice();
        moveD();
        return size(gap(D.weights, before)) / size(before);
      },
    },
    range: { // far from the data a logit leaves [0, 1]; what a sigmoid returns never does
      name: "D’s answers reach beyond 0 to 1 by", scale: [0, 10], good: [1e-9, Infinity],
      measure: (run) => Math.max(...out(run.D, Float64Array.from({ length: 41 }, (_, i) => run.data.mean + 50 * (i - 20) * run.data.std)).map((y) => Math.max(y - 1, -y, 0))),
    },
    learns: { // hold G at the data's mean and train a new D: a gap opens, unless D learns the wrong way or sees too little
      name: "G held still, a new D opens a gap of", scale: [-1, 1], good: [0.1, Infinity], once: true,
      measure(run) {
        const { G, D, moveD, real } = run.afresh(), last = G.layers[G.layers.length - 1].start;
        G.weights.fill(0, last);
        G.weights[G.weights.length - 1] = run.data.mean;
        for (let k = 0; k < 40; k++) moveD();
        return mean(out(D, real(1000))) - out(D, [run.data.mean])[0];
      },
    },
    raises: {
      name: "D held still, G raises its answer by", scale: [-1, 1], good: [-0.005, Infinity],
      measure(run) {
        const copy = run.copy(), answer = () => mean(out(run.D, fakes(copy))), before = answer();
        for (let k = 0; k < 10; k++) {
          copy.moveG();
          copy.D.weights.set(run.D.weights);
        }
        return answer() - before;
      },
    },
    sure: {
      name: "D’s gap between data and fakes", scale: [-20, 20], good: [-8, 8],
      measure: (run) => mean(out(run.D, truth(run))) - mean(out(run.D, fakes(run))),
    },
    spread: {
      name: "Spread of fakes / spread of data", scale: [0.001, 100], good: [0.6, 1.6], late: true,
      measure: (run) => spread(fakes(run)) / run.data.std,
    },
    distance: {
      name: "Distance W₁ from fakes to data", scale: [0.01, 1000], good: [0, 0.3], late: true,
      measure: (run) => Live.meanGap(fakes(run), truth(run)) / run.data.std,
    },
  };
  const passes = (name, value, steps) => (TESTS[name].late && steps < SETTLED ? null : value >= TESTS[name].good[0] && value <= TESTS[name].good[1]);

  // From measurements to the cause. One above explains those below it.
  const CAUSES = { // when it fits, what it does, the remedy
    nan: [(m) => isNaN(m.input), "One NaN in a batch spoils every weight", "clean the data, and start again with new networks"],
    fast: [(m, bad) => (bad("gUpdate") && m.gUpdate > 0.1) || (bad("dUpdate") && m.dUpdate > 0.1), "One step replaces the weights", "divide the rate by ten, and again"],
    optimizer: [(m) => m.gUpdate === 0 && m.gradient > 0, "A gradient reaches G, yet no step moves it", "hand each optimizer the weights of its own player"],
    cut: [(m) => m.gradient === 0, "Nothing comes back from G’s loss to its weights", "no detach() in G’s half of the step"],
    kept: [(m, bad) => bad("left"), "Every step repeats all the earlier ones", "zero_grad() before backward()"],
    raw: [(m, bad) => bad("input"), "They are too large for new networks", "subtract the mean, divide by the standard deviation"],
    labels: [(m) => m.learns < -0.1, "The more D learns, the surer it takes fakes for data", "data are 1, fakes are 0"],
    glabel: [(m, bad) => m.raises < 0 && bad("raises"), "G’s own steps make its fakes less believable", "in G’s loss its fakes are labeled 1"],
    sigmoid: [(m, bad) => bad("range"), "The loss takes its answers, from 0 to 1, for logits", "leave the sigmoid out"],
    slow: [(m, bad) => bad("gUpdate") && bad("dUpdate"), "A step hardly changes a weight", "multiply the rate by ten, and again"],
    weak: [(m, bad) => bad("learns"), "D cannot tell the data from their own mean, however long it learns", "a hidden layer or two"],
    noise: [(m, bad) => bad("noise"), "So neither do the fakes", "draw it anew for every batch, from N(0, 1)"],
    strong: [(m, bad) => bad("sure"), "D is certain of everything, and G cannot catch up", "fewer steps for D, a penalty, the non-saturating loss"],
  };
  const judge = (measured, steps) => {
    const flagged = Object.keys(TESTS).filter((name) => passes(name, measured[name], steps) === false);
    const cause = Object.keys(CAUSES).find((name) => CAUSES[name][0](measured, (test) => flagged.includes(test)));
    return { flagged, cause: cause ?? (flagged.length ? undefined : "none") };
  };

  Live.broken = { SLIPS, TESTS, makeRun, judge };
  // --- the demo ---
  const NAMES = Object.keys(TESTS), ROW = 33, PHONE = 560;
  const names = Object.fromEntries(Object.entries(SLIPS).map(([key, [name]]) => [key, name]));
  const amount = (value, percent) => {
    if (!Number.isFinite(value)) return "NaN";
    const x = percent ? 100 * value : value, unit = percent ? " %" : "";
    if (x !== 0 && Math.abs(x) < 0.001) return `${x < 0 ? "−" : ""}10${String(Math.round(Math.log10(Math.abs(x)))).replace("-", "−").replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).replace("−", "⁻")}${unit}`;
    return `${Live.format(+x.toPrecision(2))}${unit}`;
  };

  Live.demo?.("broken", {
    title: "Break it",
    settings: {
      slip: { label: "What is broken", value: "none", choices: { ...names, guess: "guess: something, or nothing" } },
      seed: { label: "Seed", value: 0, min: 0, max: 99, step: 1 },
      first: { value: "" }, // the answer from the loss curves alone
      answer: { label: "Your answer", value: "", choices: { "": "choose …", ...names, pass: "I give up" } },
      tests: { label: "Show the tests", value: false },
      fakes: { label: "Show the densities", value: false },
    },
    height: (width, view) => (width >= PHONE ? 40 + ROW * NAMES.length : (view.lost?.("fakes") ? 0 : 190) + 200 + (view.lost?.("tests") ? 0 : 34 + ROW * NAMES.length)),
    pace: () => 120, // a run takes some seconds, so that one can watch it

    create(view) {
      const { settings } = view;
      const grid = Live.grid(-6.5, 4, CELLS), density = grid.centers.map(Live.normalPdf), made = new Float64Array(CELLS);
      let slip, run, measured, ages, spoiled, hidden = "";
      const tally = { curves: [0, 0], tests: [0, 0] }; // right answers, and all, before the tests were seen and after

      const guessing = () => settings.slip === "guess";
      const open = () => !guessing() || settings.answer === "pass" || (settings.tests && settings.answer !== ""); // nothing is hidden any more
      view.lost = (part) => !open() && !settings[part]; // what a guess does without for now
      const restart = () => {
        slip = guessing() ? Object.keys(SLIPS)[Live.random(9000 + settings.seed).integer(Object.keys(SLIPS).length)] : settings.slip;
        run = makeRun(slip, settings.seed);
        measured = {};
        ages = {};
        spoiled = 0;
        view.steps = 0;
      };
      const arrange = () => {
        view.show("answer", guessing());
        view.show("tests", !open());
        view.show("fakes", !open());
        if (view.next) view.next.textContent = guessing() ? "Next one" : "Guess one";
        const now = ["tests", "fakes"].map(view.lost).join();
        if (now !== hidden && view.fit) view.fit();
        hidden = now;
      };
      const due = (name) => !(name in ages) || (ages[name] < run.steps && !TESTS[name].once);
      // The tests that are due, the oldest first, as many as a frame has time for
      const measure = () => {
        const start = performance.now();
        for (const name of NAMES.filter(due).sort((a, b) => (ages[a] ?? -1) - (ages[b] ?? -1))) {
          measured[name] = TESTS[name].measure(run);
          ages[name] = run.steps;
          if (performance.now() - start > 3) break;
        }
        const rest = NAMES.some(due);
        view.tested = !rest; // for those who wait
        if (rest && !view.running) view.redraw();
      };
      const complete = () => NAMES.every((name) => name in ages);

      restart();
      view.next = view.button("Guess one", () => {
        const next = guessing() ? (settings.seed + 1) % 100 : Math.floor(100 * Math.random());
        if (!guessing()) view.set("slip", "guess");
        view.set("seed", next);
        view.run(true);
      });

      // --- the picture ---
      const words = (ctx, text, x, y, { color = view.colors.ink, align = "left", weight = "", size = 13 } = {}) => {
        ctx.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
        ctx.fillStyle = color;
        ctx.textAlign = align;
        ctx.textBaseline = "alphabetic";
        ctx.fillText(text, x, y);
        return ctx.measureText(text).width;
      };
      const key = (ctx, box, entries) => {
        let at = box.left;
        for (const [text, color, dash, wide = 2.25] of entries) {
          ctx.strokeStyle = color;
          ctx.lineWidth = wide;
          ctx.setLineDash(dash);
          ctx.beginPath();
          ctx.moveTo(at, box.top - 11);
          ctx.lineTo(at + 24, box.top - 11);
          ctx.stroke();
          ctx.setLineDash([]);
          at += 48 + words(ctx, text, at + 30, box.top - 7);
        }
      };
      const densities = (ctx, box) => {
        const { colors } = view, { mean: middle, std } = run.data;
        const y = out(run.G, quantiles.ends.map(run.shape)).map((x) => (x - middle) / std);
        const numbers = y.every(Number.isFinite);
        Live.pushForward(numbers ? y : y.fill(-99), quantiles.mass, grid, made);
        const panel = Live.plot(ctx, colors, box, { x: [grid.low, grid.high], y: [0, 0.8], xticks: [-6, -4, -2, 0, 2, 4] });
        panel.area(grid.centers, density, colors.real, { alpha: 0.22 });
        panel.line(grid.centers, density, colors.real);
        if (numbers) {
          panel.area(grid.centers, made, colors.fake, { alpha: 0.22 });
          panel.line(grid.centers, made, colors.fake, { width: 2.25, dash: [6, 3] });
        }
        key(ctx, box, [["data", colors.real, []], ["fakes", colors.fake, [6, 3]]]);
        const outside = 1 - made.reduce((sum, value) => sum + value, 0) * grid.step, left = made.below > outside / 2;
        if (!numbers) panel.text(grid.low + 0.3, 0.68, "the fakes are NaN", colors.fake);
        else if (outside > 0.02) {
          const many = `${Math.round(100 * outside)} % of the fakes`;
          panel.text(left ? grid.low + 0.2 : grid.high - 0.1, 0.68, left ? `← ${many}` : `${many} →`, colors.fake, { align: left ? "left" : "right" });
        }
      };
      const curves = (ctx, box) => {
        const { colors } = view, { losses } = run, both = losses.flat().filter(Number.isFinite).sort((a, b) => a - b);
        const high = Math.max(1.6, 1.1 * (both[Math.floor(0.96 * both.length)] ?? 0)), low = Math.min(0, 1.05 * (both[Math.floor(0.04 * both.length)] ?? 0));
        const unit = 10 ** Math.floor(Math.log10(high - low)), step = [0.25, 0.5, 1, 2, 5].map((one) => one * unit).find((one) => (high - low) / one < 4.6) ?? unit;
        const ticks = [];
        for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tick);
        const panel = Live.plot(ctx, colors, box, { x: [0, 1.06 * END], y: [low, high], xticks: [0, 100, 200, 300, 400], yticks: ticks, xlabel: "step" });
        const steps = losses.map((_, i) => i + 1);
        const upTo = spoiled ? spoiled - 1 : losses.length, shown = losses.slice(0, upTo);
        for (const [which, color, wide] of [[1, colors.d, 3], [0, colors.g, 1.25]]) panel.line(steps.slice(0, upTo), shown.map((pair) => pair[which]), color, { width: wide });
        key(ctx, box, [["loss of D", colors.d, [], 3], ["loss of G", colors.g, [], 1.25]]);
        if (upTo) { // letters at their ends, apart
          const ends = [0, 1].map((which) => Math.min(high, Math.max(low, mean(shown.slice(-9).map((pair) => pair[which])))));
          const close = (high - low) * (16 / box.height), lift = Math.max(0, close - Math.abs(ends[0] - ends[1])) / 2, up = ends[0] >= ends[1] ? 1 : -1;
          const floor = Math.max(0, low + close / 2 - Math.min(ends[0] + up * lift, ends[1] - up * lift));
          panel.text(upTo + 5, ends[0] + up * lift + floor, "G", colors.g);
          panel.text(upTo + 5, ends[1] - up * lift + floor, "D", colors.d);
        }
        if (spoiled) panel.text(Math.min(spoiled + 8, 260), (low + high) / 2, `NaN from step ${spoiled} on`, colors.ink);
      };
      const place = ([from, to], value) => {
        if (from <= 0) return Math.min(1, Math.max(0, (value - from) / (to - from)));
        return value <= from ? 0 : Math.min(1, Math.log(value / from) / Math.log(to / from));
      };
      const rows = (ctx, box) => {
        const { colors } = view, right = box.left + box.width, line = right - 34;
        words(ctx, "The tests", box.left, box.top - 7, { weight: "600" });
        words(ctx, "bar: where it should be", right, box.top - 7, { align: "right", color: colors.muted, size: 12 });
        NAMES.forEach((name, i) => {
          const { scale, good, percent } = TESTS[name], top = box.top + i * ROW, y = top + 23, wide = line - box.left;
          const known = name in ages && !view.lost("tests"), verdict = known ? passes(name, measured[name], run.steps) : null;
          if (verdict === false) {
            ctx.globalAlpha = 0.16;
            ctx.fillStyle = colors.a;
            ctx.fillRect(box.left - 6, top, box.width + 12, ROW - 2);
            ctx.globalAlpha = 1;
          }
          words(ctx, TESTS[name].name, box.left, top + 13, { size: 12.5 });
          if (known) words(ctx, amount(measured[name], percent), line, top + 13, { size: 12.5, align: "right", weight: verdict === false ? "700" : "" });
          ctx.fillStyle = colors.rule;
          ctx.fillRect(box.left, y - 0.5, wide, 1);
          const [from, to] = good.map((value) => box.left + wide * place(scale, value));
          ctx.globalAlpha = 0.55;
          ctx.fillStyle = colors.b;
          ctx.fillRect(from, y - 2.5, Math.max(5, to - from), 5);
          ctx.globalAlpha = 1;
          if (!known) return;
          if (Number.isFinite(measured[name])) {
            ctx.fillStyle = colors.ink;
            ctx.strokeStyle = colors.paper;
            ctx.lineWidth = 2;
            ctx.beginPath();
            ctx.arc(box.left + wide * place(scale, measured[name]), y, 5.5, 0, 2 * Math.PI);
            ctx.fill();
            ctx.stroke();
          }
          const middle = right - 12;
          if (verdict === false) {
            ctx.fillStyle = colors.a;
            ctx.beginPath();
            ctx.arc(middle, top + 15.5, 11, 0, 2 * Math.PI);
            ctx.fill();
            words(ctx, "!", middle, top + 21, { align: "center", color: colors.paper, weight: "800", size: 16 });
          } else words(ctx, verdict ? "ok" : "…", middle, top + 20, { align: "center", color: colors.muted });
        });
      };
      const draw = (ctx, width, height) => {
        if (!view.lost("tests")) measure();
        else view.tested = false;
        const left = 34, narrow = width < PHONE, wide = narrow ? width - left - 6 : 0.45 * width - left;
        let top = 26;
        if (!view.lost("fakes")) {
          densities(ctx, { left, width: wide, top, height: narrow ? 140 : 0.5 * height - 48 });
          top = narrow ? top + 190 : 0.5 * height + 26;
        }
        curves(ctx, { left, width: wide, top, height: narrow ? 146 : height - top - 22 });
        top += 200;
        if (!narrow) rows(ctx, { left: 0.45 * width + 28, width: 0.55 * width - 34, top: 26 });
        else if (!view.lost("tests")) rows(ctx, { left: 6, width: width - 12, top });
      };

      arrange();

      // --- what it says ---
      const verdict = () => {
        if (!complete()) return "The tests are running.";
        const { flagged, cause } = judge(measured, run.steps);
        if (!flagged.length) return run.steps < SETTLED ? `Nothing found so far; the fakes are judged from step ${SETTLED} on.` : `All ${NAMES.length} tests pass: nothing is found.`;
        const count = `${flagged.length} of ${NAMES.length} tests ${flagged.length === 1 ? "is" : "are"} flagged`;
        if (!open()) return `${count}. Which cause explains them?`;
        return cause ? `${count}. The cause that fits: ${names[cause]}. ${CAUSES[cause][1]}. Remedy: ${CAUSES[cause][2]}.` : `${count}, and no single cause explains them.`;
      };
      const score = () => {
        const part = ([right, all], how) => (all ? `${right} of ${all} ${how}` : "");
        const parts = [part(tally.curves, "from the curves"), part(tally.tests, "with the tests")].filter(Boolean);
        return parts.length ? ` Right so far: ${parts.join(", ")}.` : "";
      };
      const count = (counts, answer) => {
        counts[1]++;
        if (answer === slip) counts[0]++;
      };
      const guess = () => {
        const { first, answer, tests } = settings;
        if (open()) {
          const curves = first ? ` From the curves you said: ${names[first]}.` : "";
          return `${answer === slip ? "Right" : answer === "pass" ? "The answer" : "No"}: ${names[slip]}.${curves}${score()} ${verdict()}`;
        }
        if (answer) return `You say: ${names[answer]}. Now show the tests, and answer once more.`;
        if (tests) return `${first ? `From the curves you said: ${names[first]}. ` : ""}${verdict()}`;
        return `One of the slips in the list is in there, or nothing. What do the two loss curves tell you?${score()}`;
      };

      return {
        change(name) {
          if (name === "tests" && settings.tests && !settings.first && settings.answer && settings.answer !== "pass") { // now the second answer
            view.set("first", settings.answer);
            view.set("answer", "");
          }
          if (name === "answer" && guessing() && settings.tests && settings.answer in names) {
            count(tally.tests, settings.answer);
            if (settings.first) count(tally.curves, settings.first);
          }
          if (name === "seed" || name === "slip") {
            for (const [key, value] of [["first", ""], ["answer", ""], ["tests", false], ["fakes", false]]) if (settings[key] !== value) view.set(key, value);
            restart();
            if (name === "slip") view.start();
          }
          if (name === "reset") restart();
          arrange();
        },
        step() {
          if (run.steps >= END) restart(); // Run at the end begins anew
          run.step();
          if (!spoiled && run.losses[run.steps - 1].some(Number.isNaN)) spoiled = run.steps;
        },
        done: () => run.steps >= END,
        draw,
        text: () => `${run.steps ? `Step ${run.steps}. ` : "Press Run. "}${guessing() ? guess() : verdict()}`,
      };
    },
  });

  if (typeof module !== "undefined") module.exports = Live;
})();
