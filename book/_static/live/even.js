// Even numbers (chapter 1): all weights of G while it trains, and all 128 numbers that it can be asked for.
(() => {
  "use strict";
  const WIDTH = 7, ALL = 2 ** WIDTH, EVEN = ALL / 2, STEPS = 2000;
  const RECIPES = {
    first: { d: "linear", lr: 0.001, penalty: false, batch: 16, betas: [0.9, 0.999], falls: false },
    repaired: { d: "hidden", lr: 0.1, penalty: true, batch: 64, betas: [0, 0.99], falls: true }, // linearly, to 0 at the last step
  };
  const R1 = 0.05;

  // Every noise value once, which is every row of seven bits; the even numbers are every second row
  const noise = Float64Array.from({ length: ALL * WIDTH }, (_, i) => (Math.floor(i / WIDTH) >> (WIDTH - 1 - (i % WIDTH))) & 1);

  Live.demo("even", {
    title: "Even numbers",
    slow: 4,
    pace: (view) => (view.steps < 30 ? 15 : view.steps < 250 ? 40 : 400), // slow while most of it happens
    settings: {
      recipe: { label: "Recipe", value: "first", choices: { first: "the first one", repaired: "the repaired one" } },
      d: { label: "D", value: "linear", choices: { linear: "linear", hidden: "two hidden layers" } },
      lr: { label: "Learning rate", value: 0.001, min: 0.0003, max: 0.3, log: true },
      penalty: { label: "Gradient penalty", value: false },
      seed: { label: "Seed", value: 0, min: 0, max: 99, step: 1 },
    },
    height: (width) => (width < 560 ? 690 : Math.max(420, 0.62 * width)),

    create(view) {
      const { settings } = view;
      const outputs = new Float64Array(ALL * WIDTH), counts = new Float64Array(ALL);
      let G, D, gan, random, recipe, real, z, steps;

      const restart = () => {
        recipe = RECIPES[settings.recipe];
        random = Live.random(settings.seed);
        G = Live.mlp([WIDTH, WIDTH], ["sigmoid"], random);
        D = settings.d === "linear" ? Live.mlp([WIDTH, 1], ["identity"], random) : Live.mlp([WIDTH, 32, 32, 1], ["leaky", "leaky", "identity"], random);
        real = new Float64Array(recipe.batch * WIDTH);
        z = new Float64Array(recipe.batch * WIDTH);
        view.G = G; // for those who look in the console
        view.steps = steps = 0;
        tune();
      };
      const tune = () => {
        gan = Live.gan({ G, D, betas: recipe.betas, r1: settings.penalty ? R1 : 0 });
      };
      restart();

      const step = () => {
        if (steps >= STEPS) restart();
        for (let i = 0; i < recipe.batch; i++) {
          const row = 2 * random.integer(EVEN) * WIDTH;
          for (let k = 0; k < WIDTH; k++) real[i * WIDTH + k] = noise[row + k];
        }
        gan.g.lr = gan.d.lr = settings.lr * (recipe.falls ? 1 - steps / STEPS : 1);
        gan.both(real, random.bits(z.length, z)); // chapter 1's step: both from the same position
        steps++;
      };

      // Which numbers G makes, how often: from all of its noise
      const look = () => {
        outputs.set(G.forward(noise, ALL).subarray(0, ALL * WIDTH));
        counts.fill(0);
        for (let i = 0; i < ALL; i++) {
          let number = 0;
          for (let k = 0; k < WIDTH; k++) number = 2 * number + (outputs[i * WIDTH + k] > 0.5 ? 1 : 0);
          counts[number]++;
        }
        let valid = 0, covered = 0;
        for (let number = 0; number < ALL; number += 2) {
          valid += counts[number];
          covered += counts[number] > 0;
        }
        return { validity: valid / ALL, covered };
      };

      // --- the picture ---
      const layout = (width, height) => {
        if (width < 560) return {
          dots: { left: 24, top: 24, width: width - 32, height: 150 },
          lights: { left: 0, top: 236, width, height: 190 },
          weights: { left: 6, top: 462, width: Math.min(width - 12, 230), height: height - 470 },
        };
        const wide = 0.66 * width;
        return {
          dots: { left: 30, top: 24, width: wide - 30, height: 0.38 * height },
          lights: { left: 0, top: 0.38 * height + 92, width: wide, height: 0.62 * height - 96 },
          weights: { left: wide + 36, top: 24, width: width - wide - 40, height: height - 30 },
        };
      };
      const write = (ctx, words, x, y, color, { align = "left", size = 13, weight = 400 } = {}) => {
        ctx.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
        ctx.fillStyle = color;
        ctx.textAlign = align;
        ctx.textBaseline = "middle";
        ctx.fillText(words, x, y);
        return ctx.measureText(words).width;
      };

      // 128 noise values on their way: the number in all but the last output, and the last
      const dots = (ctx, box) => {
        const { colors } = view;
        const plot = Live.plot(ctx, colors, box, { x: [-4, 130], y: [-0.08, 1.06], xticks: [0, 32, 64, 96, 126], yticks: [0, 0.5, 1] });
        ctx.globalAlpha = 0.1;
        ctx.fillStyle = colors.fake;
        ctx.fillRect(box.left, plot.y(1.06), box.width, plot.y(0.5) - plot.y(1.06));
        ctx.globalAlpha = 1;
        plot.line([-4, 130], [0.5, 0.5], colors.muted, { width: 1, dash: [4, 4] });
        plot.text(129, 0.95, "odd", colors.muted, { align: "right" });
        plot.text(129, 0.42, "even", colors.muted, { align: "right" });
        ctx.fillStyle = colors.real; // where the real ones are
        for (let number = 0; number < ALL; number += 2) ctx.fillRect(plot.x(number) - 0.75, plot.y(0) - 5, 1.5, 10);
        const xs = new Float64Array(ALL), ys = new Float64Array(ALL);
        for (let i = 0; i < ALL; i++) {
          for (let k = 0; k < WIDTH - 1; k++) xs[i] += outputs[i * WIDTH + k] * 2 ** (WIDTH - 1 - k);
          ys[i] = outputs[i * WIDTH + WIDTH - 1];
        }
        plot.dots(xs, ys, colors.fake, { radius: 4, alpha: 0.6 });
        const wide = write(ctx, "128 fakes before rounding,", box.left, box.top - 12, colors.ink);
        ctx.fillStyle = colors.real;
        ctx.fillRect(box.left + wide + 10, box.top - 17, 1.5, 10);
        write(ctx, "real numbers", box.left + wide + 18, box.top - 12, colors.ink);
      };

      const warning = (ctx, x, y, radius) => { // a triangle with an exclamation mark
        ctx.beginPath();
        ctx.moveTo(x, y - radius);
        ctx.lineTo(x + radius, y + 0.8 * radius);
        ctx.lineTo(x - radius, y + 0.8 * radius);
        ctx.closePath();
        ctx.fillStyle = view.colors.ink;
        ctx.fill();
        write(ctx, "!", x, y + 0.2 * radius, view.colors.paper, { align: "center", size: Math.max(9, radius), weight: 700 });
      };

      // A light for each number: round for the even ones, a warning for the odd ones, which should stay dark
      const lights = (ctx, { left, top, width, height }, { validity, covered }) => {
        const { colors } = view, small = width < 400, edge = small ? 24 : 0; // no room for numbers: one at each row
        const cell = (width - edge) / 16, tall = height / 8;
        const head = { size: width < 360 ? 13 : width < 400 ? 14.5 : 17, weight: 650 };
        write(ctx, `${covered} of 64 even numbers`, left, top - 15, colors.ink, head);
        write(ctx, `${Math.floor(100 * validity)} % even`, left + width, top - 15, colors.ink, { ...head, align: "right" });
        warning(ctx, left + 0.63 * width - 24, top - 16, 8);
        write(ctx, "odd", left + 0.63 * width - 10, top - 15, colors.ink);
        for (let number = 0; number < ALL; number++) {
          const x = left + edge + (number % 16 + 0.5) * cell, y = top + (Math.floor(number / 16) + 0.5) * tall, on = counts[number] > 0;
          const radius = Math.min(cell, tall) * ((number % 2 ? 0.42 : 0.47) - (small ? 0.05 : 0));
          if (small && number % 16 === 0) write(ctx, number, left + edge - 4, y + 0.5, colors.muted, { align: "right", size: 11 });
          if (number % 2) {
            if (on) warning(ctx, x, y, radius);
            continue;
          }
          ctx.beginPath();
          ctx.arc(x, y, radius, 0, 2 * Math.PI);
          ctx.fillStyle = colors.fake;
          ctx.strokeStyle = colors.rule;
          ctx.lineWidth = 1.5;
          if (on) ctx.fill();
          else ctx.stroke();
          if (cell > 24) write(ctx, number, x, y + 0.5, on ? colors.paper : colors.muted, { align: "center", size: number < 100 ? 11 : 9.5, weight: on ? 650 : 400 });
        }
      };

      // Weights as squares: the larger the weight the larger, filled if it is positive, hollow if it is negative
      const squares = (ctx, { left, top, width, height }) => {
        const { colors } = view, rows = settings.d === "linear" ? 10.2 : 7, cell = Math.min(width / 8.6, (height - 40) / rows);
        const largest = (weights) => weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1);
        const square = (value, most, column, y, color) => {
          const x = left + (column < WIDTH ? column : column + 0.6) * cell, size = 0.92 * cell * Math.sqrt(Math.abs(value) / most);
          ctx.fillStyle = ctx.strokeStyle = color;
          ctx.lineWidth = 1.5;
          const [a, b] = [x + (cell - size) / 2, y + (cell - size) / 2];
          if (value >= 0) ctx.fillRect(a, b, size, size);
          else ctx.strokeRect(a + 0.75, b + 0.75, Math.max(0, size - 1.5), Math.max(0, size - 1.5));
        };
        const most = largest(G.weights);
        write(ctx, "G's 56 weights", left, top - 12, colors.ink);
        for (let row = 0; row < WIDTH; row++) {
          for (let column = 0; column < WIDTH; column++) square(G.weights[row * WIDTH + column], most, column, top + row * cell, colors.g);
          square(G.weights[WIDTH * WIDTH + row], most, WIDTH, top + row * cell, colors.g);
        }
        const below = top + WIDTH * cell + 22;
        if (settings.d === "linear") {
          write(ctx, "D's 8 weights", left, below, colors.ink);
          D.weights.forEach((weight, column) => square(weight, largest(D.weights), column, below + 12, colors.d));
        } else write(ctx, `D has ${D.weights.length.toLocaleString("en-US")} weights`, left, below, colors.ink);
        ctx.strokeStyle = colors.rule;
        ctx.lineWidth = 1;
        ctx.strokeRect(left, top, WIDTH * cell, WIDTH * cell);
        ctx.strokeRect(left + (WIDTH + 0.6) * cell, top, cell, WIDTH * cell);
        const legend = below + 28 + (settings.d === "linear" ? cell : 0);
        ["filled +, hollow −", "right column: biases"].forEach((words, line) => {
          if (legend + 17 * line < top + height) write(ctx, words, left, legend + 17 * line, colors.muted, { size: 12.5 });
        });
      };

      return {
        change(name) {
          if (name === "recipe") {
            for (const name of ["d", "lr", "penalty"]) view.set(name, RECIPES[settings.recipe][name]); // then change one of them
            restart();
            view.start();
          } else if (name === "d" || name === "reset") restart();
          else if (name === "seed") restart(), view.start();
          else if (name === "penalty") tune();
        },
        step,
        done: () => steps >= STEPS,
        draw(ctx, width, height) {
          const boxes = layout(width, height), now = look();
          dots(ctx, boxes.dots);
          lights(ctx, boxes.lights, now);
          squares(ctx, boxes.weights);
        },
        text() {
          const { validity, covered } = look();
          const when = steps ? `Step ${steps.toLocaleString("en-US")} of ${STEPS.toLocaleString("en-US")}. ` : "Before the first step. ";
          const what = validity < 1 ? `${Math.floor(100 * validity)} % of all that G makes is even; it makes ${covered} of the 64 even numbers.`
            : covered === EVEN ? "Everything that G makes is even, and it makes all 64 even numbers."
            : covered >= 56 ? `Everything that G makes is even, and it makes ${covered} of the 64 even numbers.`
            : `Everything that G makes is even, but it makes only ${covered} of the 64 even numbers.`;
          const loss = steps ? ` D's loss is ${gan.dLoss.toFixed(2)}; always saying one half would cost 1.39.` : "";
          return when + what + loss;
        },
      };
    },
  });
})();
