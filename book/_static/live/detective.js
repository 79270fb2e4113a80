// You are the detective: handwritten digits one after another, half of them real, half of them made by the generators of
// chapters 5 and 6. After twenty there is a card: your rate with its interval, beside a discriminator's on the same digits.
//
// tools/export_digits.py made the pictures (test images drawn by chance, fakes that nobody picked) and trained the
// discriminator, whose probability of "real" for each of them stands in detective_data.js. The test images are MNIST's, by
// Yann LeCun and Corinna Cortes, CC BY-SA 3.0.
(() => {
  "use strict";
  const { el } = Live;
  const SIDE = 28, COLUMNS = 20, ROUND = 20;
  const KINDS = { real: "real", two_layers: "a fake of chapter 5", deeper: "a fake of chapter 6" };
  const ROWS = { all: "All", real: "Real digits", two_layers: "Fakes of chapter 5", deeper: "Fakes of chapter 6" };

  // Wilson's 95 % interval of a rate.
  const wilson = (hits, n) => {
    if (!n) return [0, 1];
    const z = 1.959963984540054, rate = hits / n, scale = 1 + (z * z) / n;
    const middle = (rate + (z * z) / (2 * n)) / scale;
    const half = (z / scale) * Math.sqrt((rate * (1 - rate)) / n + (z * z) / (4 * n * n));
    return [hits === 0 ? 0 : middle - half, hits === n ? 1 : middle + half];
  };
  // Sign test: how likely tosses of a coin are to part at least as unevenly as a and b.
  const signTest = (a, b) => {
    let term = 0.5 ** (a + b), sum = 0;
    for (let k = 0; k <= Math.min(a, b); k++) {
      sum += term;
      term *= (a + b - k) / (k + 1);
    }
    return Math.min(1, 2 * sum);
  };

  // The digits in the order of a seed: a coin for real or fake, then chance for the chapter, where a share of `five` of the
  // fakes is chapter 5's; no picture twice before all of its kind were shown.
  const sequence = (seed, sizes, five = 0.5) => {
    const random = Live.random(seed);
    const order = Object.fromEntries(Object.keys(KINDS).map((kind) => {
      const indices = Array.from({ length: sizes[kind] }, (_, i) => i);
      for (let i = indices.length - 1; i > 0; i--) {
        const j = random.integer(i + 1);
        [indices[i], indices[j]] = [indices[j], indices[i]];
      }
      return [kind, indices];
    }));
    const drawn = { real: 0, two_layers: 0, deeper: 0 };
    return () => {
      const kind = random.one() < 0.5 ? "real" : random.one() < five ? "two_layers" : "deeper";
      return { kind, index: order[kind][drawn[kind]++ % sizes[kind]] };
    };
  };

  // {row: n, your hits, D's hits}; judged: [{kind, said, d}], said and d being true for "real".
  const tally = (judged) => {
    const rows = Object.fromEntries(Object.keys(ROWS).map((row) => [row, { n: 0, you: 0, d: 0 }]));
    for (const { kind, said, d } of judged)
      for (const row of [rows.all, rows[kind]]) {
        row.n++;
        row.you += said === (kind === "real");
        row.d += d === (kind === "real");
      }
    return rows;
  };

  const percent = (x) => Math.round(100 * x);
  const sentences = (judged) => {
    const { n, you } = tally(judged).all;
    const [low, high] = wilson(you, n);
    const right = ({ kind }, verdict) => verdict === (kind === "real");
    const mine = judged.filter((one) => right(one, one.said) && !right(one, one.d)).length;
    const its = judged.filter((one) => !right(one, one.said) && right(one, one.d)).length;
    const p = signTest(mine, its);
    const luck = low > 0.5 ? "you are not guessing" : high < 0.5 ? "you see the difference, but name it the wrong way round" : "you may just be guessing";
    const ahead = mine > its ? "that you beat D" : "that D beats you";
    const versus = mine + its === 0 ? "You and D were right about the same ones."
      : mine === its ? `On ${mine + its} digits only one of you was right: you on ${mine}, D on ${its}.`
      : `On ${mine + its === 1 ? "1 digit" : `${mine + its} digits`} only one of you was right: you on ${mine}, D on ${its}. That is ${p < 0.05 ? "enough" : "not enough"} to say ${ahead} (sign test, p\u00a0${p < 0.001 ? "<\u00a00.001" : `=\u00a0${+p.toPrecision(2)}`}).`;
    return [`At ${n} digits the interval runs from ${percent(low)} to ${percent(high)}\u00a0%: ${luck}.`, versus];
  };

  const wrap = (ctx, text, width) => {
    const lines = [""];
    for (const word of text.split(" ")) {
      const longer = lines[lines.length - 1] ? `${lines[lines.length - 1]} ${word}` : word;
      if (ctx.measureText(longer).width > width && lines[lines.length - 1]) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    return lines;
  };
  const mark = (ctx, right, x, y, size) => { // a check or a cross
    ctx.beginPath();
    if (right) {
      ctx.moveTo(x - size, y);
      ctx.lineTo(x - 0.3 * size, y + 0.7 * size);
      ctx.lineTo(x + size, y - 0.7 * size);
    } else {
      ctx.moveTo(x - 0.75 * size, y - 0.75 * size);
      ctx.lineTo(x + 0.75 * size, y + 0.75 * size);
      ctx.moveTo(x + 0.75 * size, y - 0.75 * size);
      ctx.lineTo(x - 0.75 * size, y + 0.75 * size);
    }
    ctx.lineWidth = 3;
    ctx.lineCap = "round";
    ctx.setLineDash([]);
    ctx.stroke();
    ctx.lineCap = "butt";
  };

  // The card, from shapes and text alone: a canvas with a picture in it could not be saved from a folder.
  // On the page its sentences stand in the line under the canvas.
  const cardHeight = (width) => (width < 520 ? 400 : 360);
  const drawCard = (ctx, colors, family, width, height, judged) => {
    const rows = tally(judged);
    const pad = 16;
    const write = (text, x, y, { size = 14, weight = "", color = colors.ink, align = "left", halo = false } = {}) => {
      ctx.font = `${weight} ${size}px ${family}`;
      ctx.textAlign = align;
      ctx.textBaseline = "middle";
      if (halo) { // over the lines of the axis
        ctx.strokeStyle = colors.paper;
        ctx.lineWidth = 5;
        ctx.strokeText(text, x, y);
      }
      ctx.fillStyle = color;
      ctx.fillText(text, x, y);
    };
    ctx.strokeStyle = colors.rule;
    ctx.lineWidth = 2;
    ctx.setLineDash([]);
    ctx.strokeRect(1, 1, width - 2, height - 2);
    write("Real, or made by a GAN?", pad, 28, { size: 15, color: colors.muted });
    write(`${rows.all.you} of ${rows.all.n} right`, pad, 64, { size: 34, weight: "bold" });
    write(`D, the discriminator: ${rows.all.d} of ${rows.all.n}`, pad, 98, { size: 16, color: colors.d, weight: "bold" });

    const label = width >= 520 ? 165 : 0;
    if (label) write("chapter 6's, trained for this very task", width - pad, 98, { color: colors.muted, align: "right" });
    const left = pad + label, right = width - pad - 6, top = 126, step = label ? 50 : 60;
    const x = (rate) => left + rate * (right - left);
    const bottom = top + 4 * step;
    ctx.lineWidth = 1;
    for (const rate of [0, 0.25, 0.5, 0.75, 1]) {
      ctx.strokeStyle = rate === 0.5 ? colors.muted : colors.rule;
      ctx.setLineDash(rate === 0.5 ? [5, 4] : []);
      ctx.beginPath();
      ctx.moveTo(x(rate), top);
      ctx.lineTo(x(rate), bottom);
      ctx.stroke();
      write(`${100 * rate} %`, Math.min(x(rate), right - 10), bottom + 11, { size: 12, color: colors.muted, align: "center" });
    }
    ctx.setLineDash([]);
    Object.entries(ROWS).forEach(([row, name], i) => {
      const { n, you, d } = rows[row];
      const y = top + step * i;
      if (label) write(name, pad, y + 24, { weight: row === "all" ? "bold" : "" });
      else write(name, left + 4, y + 10, { size: 13, weight: row === "all" ? "bold" : "" });
      if (!n) return write("none yet", left + 4, y + 30, { size: 13, color: colors.muted });
      for (const [hits, color, dy] of [[you, colors.ink, label ? 16 : 28], [d, colors.d, label ? 34 : 45]]) {
        const [low, high] = wilson(hits, n);
        const own = color === colors.ink;
        ctx.strokeStyle = ctx.fillStyle = color;
        ctx.lineWidth = row === "all" ? 3 : 2;
        ctx.setLineDash(own ? [] : [4, 3]);
        ctx.beginPath();
        ctx.moveTo(x(low), y + dy);
        ctx.lineTo(x(high), y + dy);
        ctx.stroke();
        ctx.setLineDash([]);
        ctx.beginPath();
        if (own) ctx.arc(x(hits / n), y + dy, 6, 0, 2 * Math.PI);
        else {
          ctx.moveTo(x(hits / n), y + dy - 7);
          ctx.lineTo(x(hits / n) + 7, y + dy);
          ctx.lineTo(x(hits / n), y + dy + 7);
          ctx.lineTo(x(hits / n) - 7, y + dy);
        }
        ctx.fill();
        const before = hits / n > 0.55; // room for the words
        write(`${own ? "you" : "D"} ${hits}/${n}`, before ? x(low) - 6 : x(high) + 6, y + dy, { size: 12, color, align: before ? "right" : "left", halo: true });
      }
    });
    return { write, pad, bottom };
  };

  const layout = (width) => {
    const small = width < 520;
    const side = SIDE * (small ? 7 : 9);
    const thumb = Math.floor(Math.min(34, width / (small ? 10 : 20)));
    const left = small ? 0 : Math.max(0, width / 2 - side / 2 - 60);
    return { small, side, thumb, left, top: 26, thumbs: side + 44, rows: small ? 2 : 1 };
  };

  const detective = {
    title: "You are the detective",
    keys: true,
    settings: {
      seed: { value: 0, min: 0, max: 1e9 }, // 0: another one for every visitor
      five: { value: 0.5, min: 0, max: 1 }, // the share of chapter 5 among the fakes
    },
    height: (width, view) => {
      const { thumbs, rows, thumb } = layout(width);
      return view.card ? cardHeight(width) : thumbs + rows * (thumb + 18);
    },

    create(view) {
      const { settings } = view;
      const sheets = {};
      const judged = [];
      let data = null, failed = false, draw = null, digit = null;
      const deal = () => {
        draw = sequence(settings.seed, Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, data[kind].length])), settings.five);
        judged.length = 0;
        digit = draw();
        turn(false);
      };
      const begin = () => {
        settings.seed ||= 1 + Math.floor(1e6 * Math.random());
        if (data) deal();
      };
      const load = () => {
        failed = false;
        for (const kind of Object.keys(KINDS))
          sheets[kind] = Object.assign(new Image(), { onload: view.redraw, onerror: () => { failed = true; view.redraw(); }, src: Live.url(`detective_${kind}.png`) });
        Live.load("detective_data").then((value) => { data = value; begin(); }, () => (failed = true)).finally(view.redraw);
      };

      const answer = (said) => {
        if (!digit || view.card) return;
        judged.push({ ...digit, said, p: data[digit.kind][digit.index], d: data[digit.kind][digit.index] > 0.5 });
        if (judged.length % ROUND === 0) turn(true);
        else digit = draw();
        view.redraw();
      };
      const turn = (card) => {
        const focused = view.host.contains(document.activeElement);
        view.card = card;
        for (const button of [realButton, fakeButton]) button.hidden = card;
        for (const button of [moreButton, saveButton, copyButton]) button.hidden = !card;
        view.fit?.();
        if (focused) (card ? moreButton : view.host.querySelector("canvas")).focus({ preventScroll: true });
      };
      const again = () => {
        digit = draw();
        turn(false);
      };
      const family = () => getComputedStyle(document.body).fontFamily;
      const picture = () => { // the card alone, at twice its size
        const width = 640, height = 470;
        const canvas = el("canvas", { width: 2 * width, height: 2 * height });
        const ctx = canvas.getContext("2d");
        ctx.scale(2, 2);
        ctx.fillStyle = view.colors.paper;
        ctx.fillRect(0, 0, width, height);
        const { write, pad, bottom } = drawCard(ctx, view.colors, family(), width, height, judged);
        ctx.font = `14px ${family()}`;
        const lines = sentences(judged).flatMap((text) => wrap(ctx, text, width - 2 * pad));
        lines.forEach((line, i) => write(line, pad, bottom + 36 + 19 * i));
        write("Forgers & Detectives, a course on GANs", pad, height - 20, { size: 13, color: view.colors.muted });
        return canvas;
      };
      const save = () => picture().toBlob((blob) => {
        const link = el("a", { href: URL.createObjectURL(blob), download: "detective.png" });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      });
      const words = () => {
        const { n, you, d } = tally(judged).all;
        const [low, high] = wilson(you, n);
        const address = location.protocol.startsWith("http") ? `\n${location.href.split("#")[0]}#${view.host.id || "detective"}?seed=${settings.seed}` : "";
        return `Real, or made by a GAN? I told ${you} of ${n} digits right (95 % interval ${percent(low)} to ${percent(high)} %), the discriminator ${d}. `
          + `Forgers & Detectives, a course on GANs.${address}`;
      };
      const copy = async () => {
        let done = true;
        try {
          await navigator.clipboard.writeText(words());
        } catch { // a page from a folder may not use the clipboard
          done = false;
          const box = view.host.querySelector("textarea") ?? el("textarea", { readonly: true, rows: 4, "aria-label": "The result, to copy" });
          box.value = words();
          view.host.querySelector(".live-buttons").after(box);
          box.select();
        }
        if (!done) return;
        copyButton.textContent = "Copied";
        setTimeout(() => (copyButton.textContent = "Copy the result"), 2000);
      };

      const realButton = view.button("Real", () => answer(true), { class: "live-real", "aria-keyshortcuts": "R ArrowLeft" });
      const fakeButton = view.button("Fake", () => answer(false), { class: "live-fake", "aria-keyshortcuts": "F ArrowRight" });
      const moreButton = view.button(`Another ${ROUND}`, again, { class: "live-run" });
      const saveButton = view.button("Save the card", save);
      const copyButton = view.button("Copy the result", copy);
      view.host.addEventListener("keydown", (event) => {
        if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || view.card || event.target.tagName === "TEXTAREA") return;
        const said = { r: true, ArrowLeft: true, f: false, ArrowRight: false }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
        if (said === undefined) return;
        event.preventDefault();
        answer(said);
      });
      turn(false);
      load();

      return {
        change(name) {
          if (name === "seed" || name === "five") begin();
        },
        draw(ctx, width, height) {
          const { colors } = view;
          if (view.card) return drawCard(ctx, colors, family(), width, height, judged);
          const { small, side, thumb, left, top, thumbs } = layout(width);
          const write = (text, x, y, { size = 14, weight = "", color = colors.ink } = {}) => {
            ctx.font = `${weight} ${size}px ${family()}`;
            ctx.fillStyle = color;
            ctx.textAlign = "left";
            ctx.textBaseline = "middle";
            ctx.fillText(text, x, y);
          };
          const show = ({ kind, index }, x, y, size, smooth = true) => {
            ctx.fillStyle = "black";
            ctx.fillRect(x, y, size, size);
            const sheet = sheets[kind];
            if (!sheet.complete || !sheet.naturalWidth) return;
            ctx.imageSmoothingEnabled = smooth;
            ctx.drawImage(sheet, SIDE * (index % COLUMNS), SIDE * Math.floor(index / COLUMNS), SIDE, SIDE, x, y, size, size);
            ctx.imageSmoothingEnabled = true;
          };
          const round = judged.length - (judged.length % ROUND);
          write(digit ? `Digit ${judged.length + 1}` : "", left, 11, { weight: "bold" });
          if (digit) show(digit, left, top, side, false);
          else {
            ctx.fillStyle = "black";
            ctx.fillRect(left, top, side, side);
          }

          // what became of the one before
          const last = judged[judged.length - 1];
          const x = left + side + (small ? 12 : 28);
          if (last) {
            const right = last.said === (last.kind === "real");
            const size = SIDE * (small ? 2.5 : 3);
            write("The one before", x, 11, { size: 13, color: colors.muted });
            show(last, x, top, size);
            ctx.strokeStyle = colors.ink;
            mark(ctx, right, x + 9, top + size + 22, 8);
            write(right ? "Right" : "Missed", x + 26, top + size + 22, { weight: "bold" });
            const [first, ...more] = last.kind === "real" ? ["It is real."] : ["It is a fake", `of ${last.kind === "deeper" ? "chapter 6." : "chapter 5."}`];
            [first, ...more].forEach((line, i) => write(line, x, top + size + 46 + 18 * i));
            const y = top + size + 46 + 18 * (1 + more.length);
            write(`D said ${last.d ? "real" : "fake"}`, x, y + 6, { color: colors.d });
            write(`(${percent(last.p)} % real)`, x, y + 24, { size: 13, color: colors.d });
          }

          // those of this round
          for (let i = 0; i < ROUND; i++) {
            const perRow = small ? 10 : 20;
            const tx = (width - perRow * thumb) / 2 + thumb * (i % perRow), ty = thumbs + (thumb + 18) * Math.floor(i / perRow);
            const one = judged[round + i];
            if (!one) {
              ctx.strokeStyle = colors.rule;
              ctx.lineWidth = 1;
              ctx.strokeRect(tx + 1.5, ty + 0.5, thumb - 3, thumb - 3);
              continue;
            }
            show(one, tx + 1, ty, thumb - 2);
            ctx.strokeStyle = colors.ink;
            mark(ctx, one.said === (one.kind === "real"), tx + thumb / 2, ty + thumb + 6, 5);
          }
        },
        text() {
          if (failed) return "The digits could not be loaded.";
          if (!digit) return "The digits are on their way.";
          if (view.card) return sentences(judged).join(" ");
          const last = judged[judged.length - 1];
          const ask = `Digit ${judged.length + 1}: real, or fake?`;
          if (!last) return `People wrote about half of these digits; generators made the others. ${ask}${matchMedia("(hover: none)").matches ? "" : " The keys R and F answer, too."}`;
          const right = last.said === (last.kind === "real");
          const { n, you } = tally(judged).all;
          return `${right ? "Right" : "Missed"}: that one was ${KINDS[last.kind]}; D gave it ${percent(last.p)} % to be real. ${you} of ${n} right so far. ${ask}`;
        },
      };
    },
    wilson, signTest, sequence, tally, sentences, // for the tests
  };
  Live.demo("detective", detective);
})();
