// Two players: each moves one number, down its own slope. Chapter 4, "Going round". (The frame is live.js.)
(() => {
  "use strict";
  const Live = typeof module === "undefined" ? (window.Live ??= {}) : (module.exports = {}); // node runs the tests

  // --- the games ---
  const sigmoid = (t) => 1 / (1 + Math.exp(-t));

  // Where G's number x and D's number y want to go, per unit of step size. V = xy: x makes it small, y makes it large.
  // Dirac GAN (Mescheder et al. 2018): the data is 0, the fake is x, the logit of D is y times its input, so
  // V = -log 2 - softplus(xy). The penalty is R1, which here is (penalty / 2) y^2 for D to pay.
  const slopes = ({ game, penalty }, x, y) => {
    if (game === "xy") return [-y, x - penalty * y];
    const D = sigmoid(x * y); // what D says of the fake
    return [(game === "dirac" ? D : 1 - D) * y, -D * x - penalty * y];
  };

  const step = (settings, x, y) => {
    const { moves, eta } = settings;
    const [g, d] = slopes(settings, x, y);
    const [newX, newY] = [x + eta * g, y + eta * d];
    if (moves === "turn") return [x + eta * slopes(settings, x, newY)[0], newY]; // G answers the new y
    if (moves === "once") return [newX, newY];
    const [ahead, there] = slopes(settings, newX, newY); // extragradient: the slopes of where they would be
    return [x + eta * ahead, y + eta * there];
  };

  // What comes of it from here: how often they go round in the steps looked at, and by what factor each time round
  // changes the distance. It compares the mean log distance of the second half with that of the first.
  const outlook = (settings, x, y) => {
    const logs = [Math.log(Math.hypot(x, y))];
    let angle = Math.atan2(y, x), turned = 0;
    for (let i = 0; i < 20000 && (turned < 4 * Math.PI || i < 200); i++) {
      [x, y] = step(settings, x, y);
      const next = Math.atan2(y, x);
      turned += Math.abs(Math.atan2(Math.sin(next - angle), Math.cos(next - angle)));
      angle = next;
      logs.push(Math.log(Math.hypot(x, y)));
      if (!(Math.abs(logs[i + 1] - logs[0]) < 12)) break;
    }
    const half = logs.length >> 1;
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const rate = (mean(logs.slice(-half)) - mean(logs.slice(0, half))) / (logs.length - half); // a step
    const rounds = turned / (2 * Math.PI);
    return { rounds, each: Math.exp((rate * (logs.length - 1)) / rounds), rate };
  };
  Live.players = { slopes, step, outlook };

  // --- the picture ---
  const SPAN = 2.2; // of the plane to each side, at first
  const STEPS = 2000;
  const AHEAD = 150; // steps shown in advance

  const arrow = (ctx, x1, y1, x2, y2, head) => {
    const angle = Math.atan2(y2 - y1, x2 - x1);
    ctx.beginPath();
    ctx.moveTo(x1, y1);
    ctx.lineTo(x2, y2);
    for (const side of [-0.5, 0.5]) {
      ctx.moveTo(x2, y2);
      ctx.lineTo(x2 - head * Math.cos(angle + side), y2 - head * Math.sin(angle + side));
    }
    ctx.stroke();
  };

  Live.demo?.("players", {
    title: "Two players",
    settings: {
      game: { label: "Game", value: "xy", choices: { xy: "V = xy", dirac: "Dirac GAN, minimax", ns: "Dirac GAN, non-saturating" } },
      moves: { label: "They move", value: "once", choices: { once: "both at once", turn: "in turn, D first", ahead: "at once, looking ahead" } },
      eta: { label: "Step size η", value: 0.2, min: 0.02, max: 2.5, log: true },
      penalty: { label: "Penalty on D (R1)", value: 0, min: 0, max: 2, step: 0.05, format: (x) => (x ? Live.format(x) : "off") },
      x: { label: "Start of G", value: 1, min: -2, max: 2, step: 0.05 },
      y: { label: "Start of D", value: 0, min: -2, max: 2, step: 0.05 },
      average: { label: "Average of the path", value: false },
    },
    slow: 4,
    height: (width) => (width < 560 ? width + 130 : Math.min(0.62 * width, 480)),
    pace: () => 25, // so that the eye can follow
    create(view) {
      let path, distances, plane, fate, shownAhead;
      const begin = () => {
        const { x, y } = view.settings;
        path = [[x, y]];
        distances = [Math.hypot(x, y)];
        shownAhead = [[x, y]];
        for (let i = 0; i < AHEAD; i++) shownAhead.push(step(view.settings, ...shownAhead[i]));
        look();
      };
      const last = () => path[path.length - 1];
      const look = () => (fate = outlook(view.settings, ...last()));
      const span = () => {
        let most = 0;
        for (const [x, y] of path) most = Math.max(most, Math.abs(x), Math.abs(y));
        return SPAN * 2 ** Math.max(0, Math.ceil(Math.log2((1.05 * most) / SPAN)));
      };

      const drawPlane = (ctx, box, colors) => {
        const r = span();
        const tick = r / SPAN;
        plane = Live.plot(ctx, colors, box, { x: [-r, r], y: [-r, r], xticks: [-2 * tick, 0, 2 * tick], yticks: [-2 * tick, 0, 2 * tick] });
        const { x: px, y: py } = plane;
        const n = 11;
        const gap = (2 * r) / n;
        ctx.strokeStyle = colors.muted;
        ctx.globalAlpha = 0.55;
        ctx.lineWidth = 1.1;
        const most = Math.max(...[-r, 0, r].flatMap((x) => [-r, 0, r].map((y) => Math.hypot(...slopes(view.settings, x, y)))));
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            const [x, y] = [-r + (i + 0.5) * gap, -r + (j + 0.5) * gap];
            const [g, d] = slopes(view.settings, x, y);
            const size = Math.hypot(g, d);
            if (size < 1e-9) continue;
            const long = (0.8 * gap * Math.sqrt(size / most)) / size / 2; // roots, so that short ones can still be seen
            arrow(ctx, px(x - long * g), py(y - long * d), px(x + long * g), py(y + long * d), 4);
          }
        ctx.globalAlpha = 1;

        const line = (points, color, options) => plane.line(points.map((p) => p[0]), points.map((p) => p[1]), color, options);
        line(shownAhead, colors.a, { width: 1.5, dash: [2, 4], alpha: 0.9 });
        line(path, colors.ink, { width: 1.6, alpha: 0.75 });
        const recent = path.slice(-400);
        plane.dots(recent.map((p) => p[0]), recent.map((p) => p[1]), colors.ink, { radius: 2.2 });

        // the equilibrium
        ctx.strokeStyle = colors.ink;
        ctx.lineWidth = 2;
        ctx.beginPath();
        ctx.moveTo(px(0) - 6, py(0)); ctx.lineTo(px(0) + 6, py(0));
        ctx.moveTo(px(0), py(0) - 6); ctx.lineTo(px(0), py(0) + 6);
        ctx.stroke();

        // the next move: G's part sideways, D's part upright
        const [x, y] = last();
        const [newX, newY] = step(view.settings, x, y);
        const inTurn = view.settings.moves === "turn";
        ctx.save();
        ctx.beginPath();
        ctx.rect(box.left, box.top, box.width, box.height);
        ctx.clip();
        ctx.lineWidth = 3;
        const head = (pixels) => Math.min(8, Math.abs(pixels) / 2);
        ctx.strokeStyle = colors.g;
        const from = inTurn ? newY : y;
        arrow(ctx, px(x), py(from), px(newX), py(from), head(px(newX) - px(x)));
        ctx.strokeStyle = colors.d;
        arrow(ctx, px(x), py(y), px(x), py(newY), head(py(newY) - py(y)));
        ctx.restore();
        ctx.font = `600 ${ctx.font}`;
        const named = (words, color, a, b) => {
          ctx.fillStyle = color;
          ctx.textAlign = "center";
          ctx.textBaseline = "middle";
          ctx.fillText(words, a, b);
        };
        if (Math.abs(px(newX) - px(x)) > 9) named("G", colors.g, (px(x) + px(newX)) / 2, py(from) + (newY > y === inTurn ? -12 : 12));
        if (Math.abs(py(newY) - py(y)) > 9) named("D", colors.d, px(x) + (newX > x ? -17 : 17), py(newY));

        const [startX, startY] = path[0];
        ctx.beginPath();
        ctx.arc(px(startX), py(startY), 9, 0, 2 * Math.PI);
        ctx.strokeStyle = colors.ink;
        ctx.lineWidth = 1.6;
        ctx.stroke();
        if (path.length === 1) plane.text(...plane.inverse(px(startX), py(startY) + 13), "drag me", colors.ink, { align: startX > 0.5 ? "right" : "left", baseline: "top" });
        ctx.beginPath();
        ctx.arc(px(x), py(y), 5.5, 0, 2 * Math.PI);
        ctx.fillStyle = colors.ink;
        ctx.fill();
        if (view.settings.average) {
          const [a, b] = path.reduce(([a, b], [x, y]) => [a + x / path.length, b + y / path.length], [0, 0]);
          ctx.fillStyle = colors.b;
          ctx.fillRect(px(a) - 5, py(b) - 5, 10, 10);
          plane.text(a, b, "average", colors.b, { align: "center", baseline: "top" });
        }

        // the axes, in the players' colors
        const dirac = view.settings.game !== "xy";
        ctx.font = ctx.font.replace(/^\S+px/, "13px");
        ctx.fillStyle = colors.g;
        ctx.textAlign = "right";
        ctx.textBaseline = "top";
        ctx.fillText(dirac ? "G’s number: the fake θ →" : "G’s number x →", box.left + box.width, box.top + box.height + 19);
        ctx.save();
        ctx.translate(box.left - 30, box.top);
        ctx.rotate(-Math.PI / 2);
        ctx.fillStyle = colors.d;
        ctx.textBaseline = "bottom";
        ctx.fillText(dirac ? "D’s number: its slope ψ →" : "D’s number y →", 0, 0);
        ctx.restore();
      };

      const drawDistance = (ctx, box, colors) => {
        const show = Math.max(60, distances.length);
        const shown = shownAhead.map(([x, y]) => Math.hypot(x, y));
        const all = distances.filter((r) => r > 0);
        const low = Math.min(-1, Math.floor(Math.log10(Math.max(1e-4, Math.min(...all)))));
        const high = Math.max(1, Math.ceil(Math.log10(Math.max(...all))));
        const decades = Array.from({ length: high - low + 1 }, (_, i) => low + i);
        const p = Live.plot(ctx, colors, box, { x: [0, show], y: [low, high], xticks: [0, show - (show % 20)], xlabel: "step" });
        for (const decade of decades) {
          p.line([0, show], [decade, decade], colors.rule, { width: 1 });
          p.text(0, decade, `${Live.format(10 ** decade)} `, colors.muted, { align: "right" });
        }
        const logs = (values) => values.map((r) => Math.log10(Math.max(1e-9, r)));
        p.line(shown.map((_, i) => i), logs(shown), colors.a, { width: 1.5, dash: [2, 4] });
        p.line(distances.map((_, i) => i), logs(distances), colors.ink, { width: 2 });
        p.dots([distances.length - 1], logs([distances[distances.length - 1]]), colors.ink, { radius: 4.5 });
        p.text(0, high, box.width < 230 ? " distance" : " distance from the equilibrium", colors.ink, { baseline: "top" });
      };

      // The Dirac GAN as a GAN: the line is D's logit, the real number is 0, the fake is at x.
      const drawDirac = (ctx, box, colors) => {
        const [x, y] = last();
        const p = Live.plot(ctx, colors, box, { x: [-3, 3], y: [-2.5, 2.5], frame: false });
        p.line([-3, 3], [0, 0], colors.rule, { width: 1.5 });
        p.line([-3, 3], [-3 * y, 3 * y], colors.d, { width: 2.5 });
        p.dots([0], [0], colors.real, { radius: 6 });
        const up = x * y > 0 ? -1 : 1; // names where the line is not
        p.text(0, -0.6 * up, "real", colors.real, { align: "center" });
        const at = Math.max(-2.9, Math.min(2.9, x));
        const s = 5;
        ctx.strokeStyle = colors.fake;
        ctx.lineWidth = 3;
        ctx.beginPath();
        ctx.moveTo(p.x(at) - s, p.y(0) - s); ctx.lineTo(p.x(at) + s, p.y(0) + s);
        ctx.moveTo(p.x(at) - s, p.y(0) + s); ctx.lineTo(p.x(at) + s, p.y(0) - s);
        ctx.stroke();
        p.text(at, 0.6 * up, "fake θ", colors.fake, { align: Math.abs(at) > 2.2 ? (at > 0 ? "right" : "left") : "center" });
        p.text(-3, y < 0 ? -2.3 : 2.3, "D’s logit ψx", colors.d);
      };

      begin();
      return {
        change(name) {
          if (name !== "average") begin();
        },
        step() {
          if (this.done()) return;
          path.push(step(view.settings, ...last()));
          distances.push(Math.hypot(...last()));
          look();
        },
        done: () => path.length > STEPS || !(distances[path.length - 1] < 100 && distances[path.length - 1] > 1e-4),
        drag(a, b, phase) {
          const near = ([x, y]) => Math.hypot(plane.x(x) - a, plane.y(y) - b) < 32;
          if (phase === "down" && !near(last()) && !near(path[0])) return false;
          if (phase === "up") return true;
          const round = (value) => Math.max(-2, Math.min(2, Math.round(value * 20) / 20));
          const [x, y] = plane.inverse(a, b).map(round);
          if (phase === "down") return true;
          view.set("x", x);
          view.set("y", y);
          return true;
        },
        draw(ctx, width, height) {
          const colors = view.colors;
          const dirac = view.settings.game !== "xy";
          if (width < 560) {
            const side = width - 52;
            drawPlane(ctx, { left: 46, top: 6, width: side, height: side }, colors);
            const top = side + 56;
            const strip = { left: 46, top, width: dirac ? 0.58 * side : side, height: height - top - 22 };
            drawDistance(ctx, strip, colors);
            if (dirac) drawDirac(ctx, { left: 58 + strip.width, top, width: side - strip.width - 12, height: strip.height }, colors);
          } else {
            const side = height - 46;
            drawPlane(ctx, { left: 52, top: 6, width: side, height: side }, colors);
            const left = side + 104;
            const right = width - left - 12;
            if (dirac) drawDirac(ctx, { left, top: 6, width: right, height: 0.42 * side }, colors);
            const top = dirac ? 0.5 * side : 6;
            drawDistance(ctx, { left, top, width: right, height: side + 6 - top }, colors);
          }
        },
        text() {
          const { x, y } = view.settings;
          const now = distances[distances.length - 1];
          const number = Live.format;
          const start = number(Math.hypot(x, y));
          const where = path.length > 1 ? `Step ${path.length - 1}: ${number(now)} from the equilibrium, ${start} at the start.` : `They start ${start} from the equilibrium.`;
          const { rounds, each, rate } = fate;
          if (now < 1e-4) return `${where} They have arrived.`;
          if (rounds < 1 && Math.abs(rate) < 1e-3) return `${where} They hardly move.`;
          if (rounds < 1) return `${where} ${rate < 0 ? "They come in without going round." : "Each step throws them farther out."}`;
          const percent = Live.format(Math.round(1000 * Math.abs(each - 1)) / 10);
          if (Math.abs(each - 1) < 0.01)
            return `${where} They go round and round${percent === "0" ? ", and never arrive" : `, ${percent} % ${each > 1 ? "farther out" : "nearer"} each time`}.`;
          if (each > 2) return `${where} Each time round takes them ${number(each)} times as far out: they run away.`;
          if (each > 1) return `${where} Each time round takes them ${percent} % farther out: they spiral away.`;
          return `${where} This time round brings them ${percent} % nearer.`;
        },
      };
    },
  });
})();
