// Digits: the recorded generators of chapters 5 and 6 in the page. New samples, one of them moved along directions of
// noise space, and the way between two.
//
// digits_NAME.js holds a generator (tools/export_digits.py says how), and comes when the demo is first used. Until then
// digits_NAME.png shows the digits that it makes from seed 1. The directions are the eigenvectors of the mean of J^T J,
// J being the Jacobian of the pixels: the first changes the pixels most, on average over noise.
(() => {
  "use strict";
  const GRID = 24, SIDE = 28, STRIP = 9, NOISE = 100;
  const MODELS = {
    two_layers: { name: "chapter 5", megabytes: 0.4, deviation: 1 / Math.sqrt(3), length: [5.1, 6.4] },
    deeper: { name: "chapter 6", megabytes: 1.5, deviation: 1, length: [8.2, 11.8] },
  }; // deviation: of one number of the noise; length: between these lie 99 % of all noise
  const SLIDERS = [1, 2, 3, 4, 5, 6].map((k) => `d${k}`);

  // --- the generator ---
  // A character a weight: "#" is -45, and the backslash is left out. See `encode` in tools/export_digits.py.
  const decode = ({ ins, outs, scale, bias, weights }) => {
    const values = new Float32Array(ins * outs);
    for (let row = 0, i = 0; row < outs; row++)
      for (const end = i + ins; i < end; i++) {
        const code = weights.charCodeAt(i);
        values[i] = (code - (code > 92 ? 1 : 0) - 80) * scale[row];
      }
    return { ins, outs, weights: values, bias: Float32Array.from(bias), out: new Float32Array(outs) };
  };
  const network = ({ noise, slope, directions, layers }) => ({ noise, slope, directions, layers: layers.map(decode) });

  // 100 numbers to 784 gray values from 0 to 1, which the next call overwrites.
  const forward = ({ layers, slope }, z) => {
    let x = Float32Array.from(z);
    layers.forEach(({ ins, outs, weights, bias, out }, which) => {
      for (let row = 0; row < outs; row += 4) { // four rows at a time, so that each x[k] is read once for all of them
        let a = bias[row], b = bias[row + 1], c = bias[row + 2], d = bias[row + 3];
        const first = row * ins, second = first + ins, third = second + ins, fourth = third + ins;
        for (let k = 0; k < ins; k++) {
          a += weights[first + k] * x[k];
          b += weights[second + k] * x[k];
          c += weights[third + k] * x[k];
          d += weights[fourth + k] * x[k];
        }
        out[row] = a;
        out[row + 1] = b;
        out[row + 2] = c;
        out[row + 3] = d;
      }
      const last = which === layers.length - 1;
      for (let row = 0; row < outs; row++) {
        const sum = out[row];
        out[row] = last ? 1 / (1 + Math.exp(-sum)) : sum > 0 ? sum : slope * sum;
      }
      x = out;
    });
    return x;
  };

  // --- the noise ---
  const noise = (kind, seed, count) => {
    const random = Live.random(seed);
    const draw = kind === "uniform" ? () => random.uniform(NOISE).map((u) => 2 * u - 1) : () => random.normal(NOISE);
    return Array.from({ length: count }, draw);
  };
  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const norm = (a) => Math.sqrt(dot(a, a));
  const way = (kind, a, b, t) => {
    let from = 1 - t, to = t;
    if (kind === "sphere") {
      const angle = Math.acos(Math.min(1, Math.max(-1, dot(a, b) / (norm(a) * norm(b)))));
      if (angle > 1e-6) [from, to] = [Math.sin(from * angle) / Math.sin(angle), Math.sin(to * angle) / Math.sin(angle)];
    }
    return a.map((value, i) => from * value + to * b[i]);
  };

  // --- the demo ---
  const slider = (k) => ({ label: `Direction ${k}`, value: 0, min: -3, max: 3, step: 0.05 });
  const narrow = (width) => width < 520;
  const layout = (width, walk) => {
    const small = narrow(width);
    const columns = small ? 8 : 6;
    const gap = 14;
    const cell = Math.floor(small ? width / columns : (width - gap) / (columns + 4));
    const rows = GRID / columns;
    const top = 22;
    const side = small ? Math.min(SIDE * 7, width) : cell * rows;
    const big = small
      ? { left: (width - side) / 2, top: top + cell * rows + 26, side }
      : { left: columns * cell + gap, top, side };
    const tile = Math.floor(width / STRIP);
    const strip = { left: (width - tile * STRIP) / 2, top: big.top + side + 30, tile };
    const bottom = strip.top + tile;
    return { columns, cell, top, big, strip, height: bottom + (walk ? 108 : 26) };
  };

  const digits = {
    title: "Digits",
    keys: true,
    settings: {
      model: { label: "Generator", value: "deeper", choices: { two_layers: "chapter 5", deeper: "chapter 6" } },
      mode: { label: "Show", value: "change", choices: { change: "one digit", walk: "between two" } },
      way: { label: "The way", value: "straight", choices: { straight: "straight", sphere: "on the sphere" } },
      t: { label: "From A to B", value: 0.5, min: 0, max: 1, step: 0.01, format: (t) => `${Math.round(100 * t)} %` },
      seed: { value: 1 },
      pick: { value: 3, min: 0, max: GRID - 1 },
      other: { value: 8, min: 0, max: GRID - 1 },
      along: { value: 1, min: 1, max: SLIDERS.length },
      ...Object.fromEntries(SLIDERS.map((name, i) => [name, slider(i + 1)])),
    },
    height: (width, view) => layout(width, view.settings.mode === "walk").height,

    create(view) {
      const { settings } = view;
      const nets = {}, coming = {};
      let used = false, failed = false, cursor = settings.pick, place = null, took = 0;

      const sheet = () => Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
      const image = new ImageData(SIDE, SIDE);
      image.data.fill(255);
      const paint = (canvas, gray) => {
        for (let i = 0; i < gray.length; i++) image.data.fill(Math.round(255 * gray[i]), 4 * i, 4 * i + 3);
        canvas.getContext("2d").putImageData(image, 0, 0);
      };
      const grid = Array.from({ length: GRID }, sheet);
      const strip = Array.from({ length: STRIP }, sheet);
      const big = sheet();
      const stills = {};
      const still = (model) => {
        if (!stills[model]) {
          stills[model] = Object.assign(new Image(), { onload: view.redraw, src: Live.url(`digits_${model}.png`) });
        }
        return stills[model];
      };

      // What is painted is kept under the settings that it was painted for.
      let z = [], keys = {};
      const stale = (name, ...parts) => {
        const key = JSON.stringify(parts);
        return keys[name] !== key && ((keys[name] = key), true);
      };
      const net = () => nets[settings.model];
      const start = () => SLIDERS.every((name) => settings[name] === 0);
      const walk = () => settings.mode === "walk";
      const moved = (amounts) => {
        const { deviation } = MODELS[settings.model];
        return z[settings.pick].map((value, i) =>
          amounts.reduce((sum, amount, k) => sum + amount * deviation * net().directions[k][i], value));
      };
      const amounts = () => SLIDERS.map((name) => settings[name]);
      const now = () => (walk() ? way(settings.way, z[settings.other], z[settings.pick], settings.t) : moved(amounts()));
      const stop = (i) => (walk() ? i / (STRIP - 1) : -3 + (6 * i) / (STRIP - 1));
      const make = () => {
        const { model, seed, pick, other, mode, along } = settings;
        if (stale("grid", model, seed)) {
          z = noise(net().noise, seed, GRID);
          const times = z.map((one, i) => {
            const begin = performance.now();
            paint(grid[i], forward(net(), one));
            return performance.now() - begin;
          });
          took = times.sort((a, b) => a - b)[GRID / 2];
        }
        const set = amounts();
        if (stale("big", model, seed, pick, mode, walk() ? [other, settings.way, settings.t] : set)) paint(big, forward(net(), now()));
        set[along - 1] = null; // its own strip does not depend on it
        if (stale("strip", model, seed, pick, mode, walk() ? [other, settings.way] : [along, set]))
          strip.forEach((canvas, i) => {
            const one = walk() ? way(settings.way, z[other], z[pick], stop(i)) : moved(set.map((amount) => amount ?? stop(i)));
            paint(canvas, forward(net(), one));
          });
      };

      const load = () => {
        const { model } = settings;
        used = true;
        if (nets[model] || coming[model]) return;
        failed = false;
        coming[model] = true;
        Live.load(`digits_${model}`).then(
          (value) => (nets[model] = network(value)),
          () => (failed = true),
        ).finally(() => {
          coming[model] = false;
          view.redraw();
        });
      };

      view.button("New digits", () => {
        load();
        home();
        view.set("seed", settings.seed + 1);
      }, { class: "live-run" });
      const home = () => SLIDERS.forEach((name) => settings[name] && view.set(name, 0));
      const homeButton = view.button("Reset", home);

      const choose = (i) => {
        load();
        cursor = i;
        home();
        if (i === settings.pick) return;
        if (walk()) view.set("other", settings.pick);
        view.set("pick", i);
      };
      const slide = (x) => {
        const { left, tile } = place.strip;
        const share = Math.min(1, Math.max(0, ((x - left) / tile - 0.5) / (STRIP - 1)));
        view.set(walk() ? "t" : `d${settings.along}`, +(walk() ? share : -3 + 6 * share).toFixed(2));
      };
      const cellAt = (x, y) => {
        const { columns, cell, top } = place;
        const column = Math.floor(x / cell), row = Math.floor((y - top) / cell);
        return column >= 0 && column < columns && row >= 0 && row < GRID / columns ? row * columns + column : -1;
      };
      const onStrip = (y) => y >= place.strip.top - 6 && y <= place.strip.top + place.strip.tile + 24;
      const canvas = () => view.host.querySelector("canvas");
      view.host.addEventListener("click", (event) => { // not on "down": a finger may only be scrolling
        if (event.target !== canvas()) return;
        const box = canvas().getBoundingClientRect();
        const i = cellAt(event.clientX - box.left, event.clientY - box.top);
        if (i >= 0) choose(i);
        view.redraw();
      });

      const arrange = () => {
        view.show("way", walk());
        view.show("t", walk());
        SLIDERS.forEach((name) => view.show(name, !walk()));
        homeButton.hidden = walk();
      };
      arrange();
      // Somebody's link, or a page that asks for more than the still picture shows: then the generator comes at once.
      if (settings.seed !== 1 || walk() || !start()) load();

      return {
        change(name) {
          if (name === "mode") {
            arrange();
            view.fit();
          }
          if (SLIDERS.includes(name) && settings[name]) settings.along = +name.slice(1);
          if (used || name !== "model") load();
        },
        drag(x, y, phase) {
          if (phase === "down" && !onStrip(y)) return false;
          if (phase !== "up") slide(x);
        },
        hover(x, y) {
          canvas().style.cursor = cellAt(x, y) >= 0 ? "pointer" : onStrip(y) ? "ew-resize" : "";
        },
        key(key) {
          const { columns } = place;
          const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
          if (step) cursor = Math.min(GRID - 1, Math.max(0, cursor + step));
          else if (key === "Home") cursor = 0;
          else if (key === "End") cursor = GRID - 1;
          else if (key === "Enter" || key === " ") choose(cursor);
          else return false;
          load();
          return true;
        },

        draw(ctx, width) {
          const { colors } = view;
          const ready = !!net();
          if (ready) make();
          place = layout(width, walk());
          const { columns, cell, top, big: large, strip: row } = place;
          const family = getComputedStyle(document.body).fontFamily;
          const write = (text, x, y, { align = "left", color = colors.ink, weight = "", size = 13 } = {}) => {
            ctx.font = `${weight} ${size}px ${family}`;
            ctx.fillStyle = color;
            ctx.textAlign = align;
            ctx.textBaseline = "middle";
            ctx.fillText(text, x, y);
          };
          const frame = (x, y, side, color, dash = [], thick = 3) => {
            ctx.strokeStyle = color;
            ctx.lineWidth = thick;
            ctx.setLineDash(dash);
            ctx.strokeRect(x + thick / 2, y + thick / 2, side - thick, side - thick);
            ctx.setLineDash([]);
          };
          const badge = (letter, x, y, color) => {
            ctx.fillStyle = color;
            ctx.fillRect(x, y, 17, 17);
            write(letter, x + 8.5, y + 9, { align: "center", color: colors.paper, weight: "bold" });
          };
          const tile = (i, x, y, side) => { // digit i of the grid
            const picture = still(settings.model);
            if (ready) ctx.drawImage(grid[i], x, y, side, side);
            else if (settings.seed === 1 && picture.complete && picture.naturalWidth)
              ctx.drawImage(picture, SIDE * (i % 8), SIDE * Math.floor(i / 8), SIDE, SIDE, x, y, side, side);
            else {
              ctx.fillStyle = "black";
              ctx.fillRect(x, y, side, side);
            }
          };
          const at = (i) => [cell * (i % columns), top + cell * Math.floor(i / columns)];

          write(walk() ? "Choose two: the last two you tap are A and B" : "Tap one", 0, 9, { color: colors.muted });
          for (let i = 0; i < GRID; i++) tile(i, ...at(i).map((value) => value + 1), cell - 2);
          frame(...at(settings.pick), cell, walk() ? colors.b : colors.g);
          if (walk()) {
            frame(...at(settings.other), cell, colors.a, [6, 3]);
            badge("A", ...at(settings.other), colors.a);
            badge("B", ...at(settings.pick), colors.b);
          }
          if (document.activeElement === canvas()) frame(...at(cursor).map((value) => value + 5), cell - 10, "white", [3, 3], 2);

          // the large one, in whole pixels of the screen
          const dots = Math.floor((large.side * devicePixelRatio) / SIDE);
          const side = (dots * SIDE) / devicePixelRatio;
          const left = large.left + (large.side - side) / 2;
          const caption = walk() ? `${Math.round(100 * settings.t)} % of the way from A to B`
            : start() ? "This one, large" : "This one, changed";
          write(caption, left, large.top - 13, { color: colors.muted });
          ctx.imageSmoothingEnabled = false;
          if (ready) ctx.drawImage(big, left, large.top, side, side);
          else tile(settings.pick, left, large.top, side);
          ctx.imageSmoothingEnabled = true;
          if (!walk()) frame(left, large.top, side, colors.g);

          // nine stops
          const value = walk() ? settings.t : (settings[`d${settings.along}`] + 3) / 6;
          const first = row.left + row.tile / 2, last = row.left + row.tile * (STRIP - 0.5);
          const under = row.top + row.tile;
          write(walk() ? `From A to B, ${settings.way === "sphere" ? "on the sphere" : "straight"}` : `Along direction ${settings.along}`,
            row.left, row.top - 12, { color: colors.muted });
          if (!walk() && !narrow(width)) write("in standard deviations of the noise", width, row.top - 12, { color: colors.muted, align: "right" });
          for (let i = 0; i < STRIP; i++) {
            const x = row.left + row.tile * i;
            if (ready) ctx.drawImage(strip[i], x + 1, row.top, row.tile - 2, row.tile - 2);
            else {
              ctx.fillStyle = colors.rule;
              ctx.fillRect(x + 1, row.top, row.tile - 2, row.tile - 2);
            }
          }
          if (!ready) write(failed ? "could not be loaded" : used ? "the generator is on its way" : "move a slider to fill this",
            width / 2, row.top + row.tile / 2, { align: "center" });
          const x = first + value * (last - first);
          if (!walk()) {
            for (const i of [0, 4, 8]) write(["−3", "0", "+3"][i / 4], first + (i / 8) * (last - first), under + 17, { align: "center", color: colors.muted });
          } else if (ready) {
            const [low, high] = MODELS[settings.model].length;
            const plot = Live.plot(ctx, colors, { left: first, top: under + 8, width: last - first, height: 92 },
              { x: [0, 1], y: [0.5 * low, 1.15 * high], frame: false });
            const ts = Array.from({ length: 61 }, (_, i) => i / 60);
            const lengths = (kind) => ts.map((t) => norm(way(kind, z[settings.other], z[settings.pick], t)));
            plot.area([0, 1], [high, high], colors.muted, { base: low });
            for (const kind of ["straight", "sphere"])
              plot.line(ts, lengths(kind), colors.g, kind === settings.way ? { width: 3 } : { width: 2, dash: [2, 4], alpha: 0.8 });
            plot.text(0.5, 1.06 * high, "99 % of all noise lies here", colors.muted, { align: "center" });
            plot.dots([settings.t], [norm(now())], colors.ink, { radius: 5 });
            plot.text(0, 0.57 * low, "length of the noise", colors.muted);
          }
          ctx.fillStyle = colors.ink;
          ctx.beginPath();
          ctx.moveTo(x, under);
          ctx.lineTo(x - 6, under + 9);
          ctx.lineTo(x + 6, under + 9);
          ctx.fill();
        },

        text() {
          const { name, megabytes, length: [low, high] } = MODELS[settings.model];
          if (failed) return `The generator of ${name} could not be loaded. Try again with New digits.`;
          if (!net()) return used ? `The generator of ${name} is on its way, ${megabytes} MB.`
            : `Nobody wrote these: the generator of ${name} made them from noise. Move a slider or press New digits, and it comes into this page (${megabytes} MB).`;
          if (!walk()) {
            const parts = SLIDERS.flatMap((key, i) => (settings[key] ? [`${settings[key] > 0 ? "+" : ""}${Live.format(settings[key])} along ${i + 1}`] : []));
            const state = parts.length ? `Digit ${settings.pick + 1} of ${GRID}, its noise moved by ${parts.join(", ")}.`
              : `Digit ${settings.pick + 1} of ${GRID}, as the generator of ${name} made it, in ${Live.format(+took.toPrecision(2))} ms.`;
            return `${state} Nobody picked the directions: of all there are, 1 changes the pixels most, on average over noise, then 2, and so on.`;
          }
          const point = now();
          const size = Live.format(+norm(point).toFixed(1));
          const outside = net().noise === "uniform" ? point.filter((one) => Math.abs(one) > 1).length : 0;
          return `${Math.round(100 * settings.t)} % of the way from A (tile ${settings.other + 1}) to B (tile ${settings.pick + 1}), ${settings.way === "sphere" ? "on the sphere" : "straight"}. `
            + `Here the noise is ${size} long; 99 % of all noise is between ${low} and ${high}.`
            + (outside ? ` ${outside} of its ${NOISE} numbers ${outside === 1 ? "is" : "are"} beyond 1, where this generator's noise never was.` : "");
        },
      };
    },
    network, forward, noise, way, // for the tests
  };
  Live.demo("digits", digits);
})();
