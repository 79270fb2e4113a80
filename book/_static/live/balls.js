// Balls: precision, recall, density and coverage of a cloud of fakes that one can move. Chapter 7.
(() => {
  "use strict";
  const Live = typeof module === "undefined" ? (window.Live ??= {}) : (module.exports = {}); // node runs the tests

  // --- the four numbers ---
  const distance = ([a, b], [c, d]) => Math.hypot(a - c, b - d);
  // How far it is from each point to its k-th nearest neighbor in its own cloud
  const radii = (cloud, k) => cloud.map((point) => cloud.map((other) => distance(point, other)).sort((a, b) => a - b)[k]);

  // For each sample what the metrics count; their means are the four numbers (Kynkäänniemi et al. 2019, Naeem et al. 2020).
  Live.prdc = (real, fake, k) => {
    const ofReal = radii(real, k);
    const ofFake = radii(fake, k);
    const holding = fake.map((f) => real.filter((r, i) => distance(r, f) < ofReal[i]).length); // real balls that hold it
    const recall = real.map((r) => +fake.some((f, i) => distance(r, f) < ofFake[i]));
    const coverage = real.map((r, i) => +fake.some((f) => distance(r, f) < ofReal[i]));
    return { precision: holding.map((n) => +(n > 0)), density: holding.map((n) => n / k), recall, coverage, ofReal, ofFake };
  };

  // --- the scenes: points in a square of side 10, in whole hundredths, so that an address can hold them ---
  const REAL = 30, FAKES = 20, SIDE = 10;
  const points = (seed, groups) => {
    const random = () => {
      seed = (seed + 0x6d2b79f5) | 0; // mulberry32
      let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
    const round = (value) => Math.round(100 * Math.min(SIDE - 0.2, Math.max(0.2, value))) / 100;
    return groups.flatMap(([n, x, y, spread]) => Array.from({ length: n }, () => {
      const [radius, angle] = [spread * Math.sqrt(-2 * Math.log(1 - random())), 2 * Math.PI * random()]; // Box-Muller
      return [round(x + radius * Math.cos(angle)), round(y + radius * Math.sin(angle))];
    }));
  };
  const A = [2.6, 7.3, 0.8], B = [7.3, 7.0, 0.8], C = [4.4, 2.4, 0.8];
  const three = points(3, [[10, ...A], [10, ...B], [10, ...C]]);
  const outlier = [...points(5, [[15, 2.3, 7.6, 0.75], [14, 5.2, 7.9, 0.75]]), [7.4, 2.2]];
  const scenes = (Live.balls = {
    well: { name: "All well", real: three, fake: points(11, [[7, ...A], [7, ...B], [6, ...C]]) },
    dropped: { name: "One mode dropped", real: three, fake: points(13, [[10, ...A], [10, ...B]]) },
    outlier: { name: "One outlier", real: outlier, fake: points(7, [[4, 2.3, 7.6, 0.6], [4, 5.2, 7.9, 0.6], [12, 7.2, 2.6, 1.1]]) },
    copies: { name: "Copies", real: three, fake: three.filter((_, i) => i % 3 !== 2) },
    point: { name: "All on one point", real: three, fake: Array.from({ length: FAKES }, () => [2.6, 7.2]) },
  });

  // 20 points as 80 digits of base 36
  const packed = (cloud) => cloud.flat().map((value) => Math.round(100 * value).toString(36).padStart(2, "0")).join("");
  const unpacked = (text) => {
    const values = (text.match(/../g) ?? []).map((digits) => parseInt(digits, 36) / 100);
    if (text.length !== 4 * FAKES || !values.every((value) => value >= 0 && value <= SIDE)) return null;
    return Array.from({ length: FAKES }, (_, i) => values.slice(2 * i, 2 * i + 2));
  };
  const sum = (values) => values.reduce((a, b) => a + b, 0);

  Live.demo?.("balls", {
    title: "Balls",
    settings: {
      k: { label: "Balls reach to neighbor k", value: 3, min: 1, max: 10, step: 1 },
      around: { label: "Balls around", value: "real", choices: { real: "real samples", fake: "fakes" } },
      scene: { value: "well" },
      fakes: { value: "" },
    },
    keys: true,
    height: (width) => (width < 560 ? width + 190 : Math.min(0.62 * width, 470)),
    create(view) {
      let real, fake, found, chosen = 0, plane, held = false;
      const load = () => {
        const scene = scenes[view.settings.scene] ?? scenes.well;
        real = scene.real;
        fake = (unpacked(view.settings.fakes) ?? scene.fake).map((point) => [...point]);
        look();
        for (const [name, button] of Object.entries(buttons)) button.setAttribute("aria-pressed", String(name === view.settings.scene));
      };
      const look = () => (found = Live.prdc(real, fake, view.settings.k));
      const mean = (name) => sum(found[name]) / found[name].length;
      const buttons = {};
      for (const [name, scene] of Object.entries(scenes))
        buttons[name] = view.button(scene.name, () => {
          view.settings.fakes = "";
          view.set("scene", name);
        });
      load();
      const move = (x, y) => {
        const inside = (value) => Math.round(100 * Math.max(0, Math.min(SIDE, value))) / 100;
        fake[chosen] = [inside(x), inside(y)];
        view.set("fakes", packed(fake));
      };

      const drawPlane = (ctx, box, colors) => {
        plane = Live.plot(ctx, colors, box, { x: [0, SIDE], y: [0, SIDE], frame: false });
        const { x: px, y: py } = plane;
        const scale = box.width / SIDE;
        const circle = ([x, y], radius) => {
          ctx.beginPath();
          ctx.arc(px(x), py(y), radius, 0, 2 * Math.PI);
        };
        ctx.save();
        ctx.beginPath();
        ctx.rect(box.left, box.top, box.width, box.height);
        ctx.clip();
        const byReal = view.settings.around === "real";
        const [centers, sizes, hits, color] = byReal ? [real, found.ofReal, found.coverage, colors.real]
          : [fake, found.ofFake, fake.map((f, i) => +real.some((r) => distance(r, f) < found.ofFake[i])), colors.fake];
        centers.forEach((center, i) => { // those that hold one of the others: filled, with a firm rim
          circle(center, sizes[i] * scale);
          ctx.fillStyle = ctx.strokeStyle = color;
          ctx.globalAlpha = hits[i] ? 0.1 : 0.03;
          ctx.fill();
          ctx.globalAlpha = hits[i] ? 0.75 : 0.45;
          ctx.lineWidth = hits[i] ? 1.4 : 1;
          ctx.setLineDash(hits[i] ? [] : [3, 4]);
          ctx.stroke();
        });
        ctx.globalAlpha = 1;
        ctx.setLineDash([]);
        const realCounts = byReal ? found.coverage : found.recall;
        real.forEach((point, i) => {
          circle(point, 4.2);
          ctx.fillStyle = realCounts[i] ? colors.real : colors.paper;
          ctx.strokeStyle = colors.real;
          ctx.lineWidth = 1.8;
          ctx.fill();
          ctx.stroke();
        });
        fake.forEach(([x, y], i) => {
          const s = 5.5;
          ctx.strokeStyle = colors.fake;
          ctx.lineWidth = !byReal || found.precision[i] ? 3.2 : 1.4;
          ctx.beginPath();
          ctx.moveTo(px(x) - s, py(y) - s); ctx.lineTo(px(x) + s, py(y) + s);
          ctx.moveTo(px(x) - s, py(y) + s); ctx.lineTo(px(x) + s, py(y) - s);
          ctx.stroke();
        });
        circle(fake[chosen], 11);
        ctx.strokeStyle = colors.ink;
        ctx.lineWidth = 1.6;
        ctx.stroke();
        ctx.restore();
        ctx.strokeStyle = colors.rule;
        ctx.lineWidth = 1;
        ctx.strokeRect(box.left, box.top, box.width, box.height);
      };

      const ROWS = [
        ["precision", "fakes in a real ball"], ["recall", "real in a fake’s ball"],
        ["density", "real balls around a fake / k"], ["coverage", "real balls with a fake"],
      ];
      const drawBars = (ctx, box, colors) => {
        const most = 2;
        const long = box.width;
        const tall = box.height / 4;
        let last = 0;
        ctx.textBaseline = "alphabetic";
        ROWS.forEach(([name, words], i) => {
          const y = box.top + i * tall;
          const value = mean(name);
          ctx.font = ctx.font.replace(/^(\d+ )?\S+px/, "600 13px");
          ctx.textAlign = "left";
          ctx.fillStyle = colors.ink;
          ctx.fillText(`${name} ${value.toFixed(2)}`, box.left, y + 13);
          ctx.font = ctx.font.replace(/^600 13px/, "400 12px");
          ctx.fillStyle = colors.muted;
          const roomy = tall > 60; // the words have a line of their own
          ctx.textAlign = roomy ? "left" : "right";
          ctx.fillText(words, roomy ? box.left : box.left + long, y + (roomy ? 29 : 13));
          const thick = Math.min(14, tall - 26);
          const bar = y + (roomy ? 37 : 19);
          ctx.fillStyle = colors.rule;
          ctx.globalAlpha = 0.45;
          ctx.fillRect(box.left, bar, long, thick);
          ctx.globalAlpha = 1;
          ctx.fillStyle = colors.b;
          ctx.fillRect(box.left, bar, (long * Math.min(most, value)) / most, thick);
          ctx.strokeStyle = colors.ink;
          ctx.lineWidth = 1.5;
          ctx.beginPath();
          ctx.moveTo(box.left + long / most, bar - 3);
          ctx.lineTo(box.left + long / most, bar + 3 + thick);
          ctx.stroke();
          last = bar + thick + 5;
        });
        ctx.textAlign = "center";
        ctx.fillStyle = colors.muted;
        ctx.textBaseline = "top";
        ctx.fillText("1", box.left + long / most, last);
      };

      return {
        change(name) {
          if (name === "scene" || (name === "fakes" && view.settings.fakes !== packed(fake))) load();
          look();
        },
        drag(a, b, phase) {
          if (phase === "down") {
            const away = fake.map(([x, y]) => Math.hypot(plane.x(x) - a, plane.y(y) - b));
            const nearest = away.indexOf(Math.min(...away));
            held = away[nearest] < 26;
            if (held) chosen = nearest;
            return held;
          }
          if (phase === "move") move(...plane.inverse(a, b));
          return true;
        },
        key(key, event) {
          if (key === "Enter" || key === " ") chosen = (chosen + (event.shiftKey ? FAKES - 1 : 1)) % FAKES;
          else {
            const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
            if (!direction) return false;
            const far = event.shiftKey ? 1 : 0.2;
            move(fake[chosen][0] + far * direction[0], fake[chosen][1] + far * direction[1]);
          }
          return true;
        },
        draw(ctx, width, height) {
          const colors = view.colors;
          const hint = (words, left, top) => {
            ctx.fillStyle = colors.muted;
            ctx.textAlign = "left";
            ctx.textBaseline = "top";
            ctx.fillText(words, left, top);
          };
          if (width < 560) {
            drawPlane(ctx, { left: 1, top: 1, width: width - 2, height: width - 2 }, colors);
            hint("● real   ✕ fake: drag one (keys: Enter, arrows)", 2, width + 4);
            drawBars(ctx, { left: 2, top: width + 28, width: width - 4, height: height - width - 44 }, colors);
          } else {
            const side = height - 24;
            drawPlane(ctx, { left: 1, top: 1, width: side, height: side }, colors);
            hint("● real   ✕ fake: drag one, or Enter picks one and the arrow keys move it", 2, side + 7);
            const left = side + 28;
            drawBars(ctx, { left, top: 4, width: width - left - 4, height: 0.76 * side }, colors);
            const other = view.settings.around === "real" ? "fake" : "real sample";
            [`Firm ball: holds a ${other}`, "Dashed ball: holds none", view.settings.around === "real" ? "Bold ✕: in a real ball" : "Full ●: in a fake’s ball"]
              .forEach((words, i) => hint(words, left, 0.82 * side + 20 * i));
          }
        },
        text() {
          const n = (name) => sum(found[name]);
          const precision = mean("precision"), recall = mean("recall"), coverage = mean("coverage");
          const counts = `${n("precision")} of ${FAKES} fakes lie in a real ball, ${n("recall")} of ${REAL} real samples in a fake’s, ` +
            `and ${n("coverage")} of ${REAL} real balls hold a fake.`;
          const largest = found.ofReal.indexOf(Math.max(...found.ofReal));
          const alone = fake.filter((f) => real.every((r, i) => (distance(r, f) < found.ofReal[i]) === (i === largest))).length;
          const copies = fake.filter((f) => real.some((r) => distance(r, f) === 0)).length;
          const same = fake.every((f) => distance(f, fake[0]) === 0);
          const outside = FAKES - n("precision");
          let means = outside ? `Precision sees the ${outside === 1 ? "one fake" : `${outside} fakes`} in no real ball.`
            : `Fakes come where real samples are, and nowhere else${coverage < 1 ? " (so few leave some balls empty by chance)" : ""}.`;
          if (same && precision === 0) means = "All fakes are the same point, in no real ball: all four object.";
          else if (same) means = `All fakes are the same point. Precision does not mind${mean("density") > 1 ? `, density even likes it (${mean("density").toFixed(2)})` : ""}; recall and coverage object.`;
          else if (copies > FAKES / 2) means = `${copies} fakes are exact copies of real samples, and ${recall > 0.7 && coverage > 0.7 ? "none of the four objects" : "only what the copies leave out is seen"}.`;
          else if (alone > 2) means = `${alone} fakes lie only in the largest ball, that of a lone real sample: precision counts them as good, coverage counts that ball once.`;
          else if (precision > 0.8 && (recall < 0.8 || coverage < 0.75)) means = "The fakes are good, and something is missing: precision does not see it, recall and coverage do.";
          else if (precision < 0.7) means = `Many fakes lie in no real ball: precision sees it${view.settings.k < 3 ? ". But balls that reach so few neighbors are small" : ""}.`;
          else if (recall < 0.7 || coverage < 0.7) means = "Real samples are left out: recall or coverage sees it.";
          return `${counts} ${means}`;
        },
      };
    },
  });
})();
