// The frame that every live demo stands in: its canvas, its controls, its line of text, its state in the address.
//
// A page holds <div class="live" data-demo="players" data-state="eta=0.5">a still picture</div>. site.js loads this file
// and players.js, which says what the demo is:
//
//   Live.demo("players", {
//     title: "Two players",
//     settings: {                                      // all of the state that an address can hold
//       eta: { label: "Step size", value: 0.2, min: 0.01, max: 2, log: true },      // a slider
//       game: { label: "Game", value: "xy", choices: { xy: "V = xy", dirac: "Dirac GAN" } },
//       penalty: { label: "Penalty", value: false },                                // a checkbox
//     },
//     height: (width, view) => 0.6 * width,            // of the canvas, in CSS pixels; anew after view.fit()
//     create(view) { return { change(name) {}, step() {}, draw(ctx, width, height) {}, text() { return ""; } }; },
//   });
//
// view.settings has the values of now, view.colors the page's colors, view.set(name, value) changes a setting. `step` is
// one step of the simulation (leave it out if nothing runs by itself), `draw` paints the whole canvas, `text` says what
// the picture shows, `change` hears of a changed setting; with "reset" for the button, and then starts again. What
// `drag(x, y, phase)` gets, if there is one, are the pointer's places; phase is "down" (return false to leave the page
// its scrolling), "move" or "up". `done()` ends a run. `pace(view)` is the number of steps a second, as many as there is
// time for if it is left out; `slow: 4` offers a slow run of so many. In a page, data-run="2000" runs a demo as soon as
// it is seen, up to that step.
//
// What is too large to come with the page stands in a script of its own, Live.data("digits_deeper", {...}); then
// Live.load("digits_deeper") promises what that script holds, and Live.url("fakes.png") is a file's address.
(() => {
  "use strict";
  const Live = (window.Live ??= {});
  const demos = (Live.demos ??= {});
  const waiting = {};
  const NAMES = ["real", "fake", "d", "g", "a", "b", "ink", "muted", "rule", "paper"];
  const BUDGET = 7; // milliseconds of steps in a frame, which leaves the rest of the 16 to drawing
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  Live.demo = (name, demo) => {
    demos[name] = demo;
    (waiting[name] ?? []).forEach((host) => mount(host, demo));
  };

  Live.mount = (host) => {
    const name = host.dataset.demo;
    if (demos[name]) mount(host, demos[name]);
    else (waiting[name] ??= []).push(host);
  };

  const source = document.currentScript?.src; // data stand beside this file
  Live.url = (file) => new URL(file, source).href;
  const loaded = {};
  const arrived = {};
  Live.data = (name, value) => arrived[name](value);
  Live.load = (name) => (loaded[name] ??= new Promise((resolve, reject) => {
    arrived[name] = resolve;
    const failed = () => {
      delete loaded[name]; // so that the next click tries again
      reject(new Error(`${name}.js could not be loaded`));
    };
    document.head.append(el("script", { src: Live.url(`${name}.js`), onerror: failed }));
  }));

  // A new element: el("button", { type: "button" }, "Run")
  const el = (Live.el = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value === true) node.setAttribute(key, "");
      else if (value !== false && value != null) node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  });

  // Numbers as people write them: three digits that count, no 1e-7 for 0.
  Live.format = (x) => (Math.abs(x) < 1e-9 ? "0" : Math.abs(x) >= 100 ? x.toFixed(0) : String(+x.toPrecision(3))).replace("-", "−");

  // Address, settings: "eta=0.5&game=dirac". What does not fit a setting is left out.
  const parse = (text, settings) => {
    const values = {};
    for (const [key, raw] of new URLSearchParams(text)) {
      const setting = settings[key];
      if (!setting) continue;
      if (setting.choices) { if (raw in setting.choices) values[key] = raw; }
      else if (typeof setting.value === "boolean") values[key] = raw === "1" || raw === "true";
      else if (typeof setting.value === "number") {
        if (raw !== "" && isFinite(raw)) values[key] = Math.min(setting.max ?? Infinity, Math.max(setting.min ?? -Infinity, +raw));
      } else values[key] = raw;
    }
    return values;
  };
  const written = (values, settings) => {
    const changed = Object.entries(values).filter(([key, value]) => value !== settings[key].value);
    return new URLSearchParams(changed.map(([key, value]) => [key, value === true ? 1 : value === false ? 0 : value])).toString();
  };

  const readColors = (host) => {
    const style = getComputedStyle(host);
    return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  };

  function mount(host, demo) {
    if (host.view) return;
    const id = host.dataset.demo;
    const settings = demo.settings ?? {};
    const defaults = Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, setting.value]));
    const [anchor, query] = location.hash.slice(1).split("?");
    const here = anchor === (host.id || id);
    const initial = { ...defaults, ...parse(host.dataset.state, settings), ...(here ? parse(query, settings) : {}) };
    const view = (host.view = { host, settings: { ...initial }, colors: readColors(host), running: false, steps: 0 });

    const canvas = el("canvas", { tabindex: demo.keys ? 0 : false, role: demo.keys ? "application" : "img" });
    const ctx = canvas.getContext("2d");
    const line = el("p", { class: "live-text" });
    const aloud = el("p", { class: "visually-hidden", "aria-live": "polite" }); // the same, less often, for screen readers
    const buttons = el("div", { class: "live-buttons" });
    const controls = el("div", { class: "live-controls" });
    const widgets = {};

    let instance, frame = 0, dirty = true, visible = false, lastSaid = 0, width = 0, height = 0, tallest = 0;
    let before = 0, owed = 0; // the frame before, and the steps that the pace demands by now

    // --- controls ---
    const shown = (setting, value) => (setting.format ?? Live.format)(value);
    for (const [name, setting] of Object.entries(settings)) {
      if (!setting.label) continue; // state without a control
      const key = `${host.id || id}-${name}`;
      let input, read, write;
      if (setting.choices) {
        input = el("select", { id: key }, ...Object.entries(setting.choices).map(([value, text]) => el("option", { value }, text)));
        read = () => input.value;
        write = (value) => (input.value = value);
      } else if (typeof setting.value === "boolean") {
        input = el("input", { id: key, type: "checkbox" });
        read = () => input.checked;
        write = (value) => (input.checked = value);
      } else {
        const to = setting.log ? Math.log : (x) => x;
        const from = setting.log ? Math.exp : (x) => x;
        const step = setting.step ?? (to(setting.max) - to(setting.min)) / 200;
        input = el("input", { id: key, type: "range", min: to(setting.min), max: to(setting.max), step: setting.log ? "any" : step });
        const output = el("output", { for: key });
        read = () => +(setting.log ? from(+input.value).toPrecision(3) : +(+input.value).toFixed(6));
        write = (value) => {
          input.value = to(value);
          output.textContent = shown(setting, value);
          input.setAttribute("aria-valuetext", output.textContent);
        };
        if (setting.log) // the keys of a slider without steps would move it by next to nothing
          input.addEventListener("keydown", (event) => {
            const move = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
            if (!move) return;
            event.preventDefault();
            input.value = +input.value + move * step;
            input.dispatchEvent(new Event("input"));
          });
        input.output = output;
      }
      input.addEventListener("input", () => view.set(name, read()));
      const label = el("label", { for: key }, setting.label);
      const row = el("div", { class: `live-control ${input.type}` }, ...(input.type === "checkbox" ? [input, label] : [label, input]), ...(input.output ? [input.output] : []));
      controls.append(row);
      widgets[name] = { input, row, write };
    }

    view.set = (name, value) => {
      view.settings[name] = value;
      widgets[name]?.write(value);
      instance?.change?.(name);
      saveSoon();
      view.redraw();
    };
    view.show = (name, yes) => widgets[name] && (widgets[name].row.hidden = !yes); // a control that has no meaning just now
    view.redraw = () => {
      dirty = true;
      if (!frame && (visible || !view.running)) frame = requestAnimationFrame(tick); // out of sight, too: the text changes
    };

    // The state goes into the address, a little later: browsers refuse more than a hundred changes in half a minute.
    let saving = 0;
    const address = () => {
      const state = written(view.settings, settings);
      return `#${host.id || id}${state ? `?${state}` : ""}`;
    };
    const saveSoon = () => {
      clearTimeout(saving);
      saving = setTimeout(() => history.replaceState(history.state, "", address()), 400);
    };

    // --- running ---
    const say = (now) => {
      const text = instance.text?.() ?? "";
      if (line.textContent !== text) {
        line.textContent = text;
        tallest = Math.max(tallest, line.offsetHeight); // or else the controls below would jump under a finger
        line.style.minHeight = `${tallest}px`;
      }
      if (now - lastSaid > 4000 || !view.running) {
        lastSaid = now;
        if (aloud.textContent !== text) aloud.textContent = text;
        canvas.setAttribute("aria-label", `${demo.title}. ${text}`);
      }
    };
    const paint = (now) => {
      dirty = false;
      ctx.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
      ctx.clearRect(0, 0, width, height);
      instance.draw(ctx, width, height);
      say(now);
    };
    const tick = (now) => {
      frame = 0;
      if (view.running) {
        const pace = view.slow && demo.slow ? demo.slow : demo.pace?.(view) ?? Infinity;
        owed = Math.min(owed + (pace * Math.max(1, now - before)) / 1000, Math.max(1, pace / 20)); // no debts
        const start = performance.now();
        let spent = 0, last = 0;
        while (owed >= 1 && view.running && spent + last <= BUDGET) {
          owed--;
          advance();
          last = performance.now() - start - spent;
          spent += last;
        }
      }
      if (dirty) paint(now);
      before = now;
      if (view.running && visible && !frame) frame = requestAnimationFrame(tick);
    };
    const advance = () => {
      instance.step();
      view.steps++;
      dirty = true;
      if (instance.done?.() || view.steps === +host.dataset.run) view.run(false);
    };
    view.run = (on) => {
      view.running = on && !!instance.step;
      if (runButton) {
        runButton.textContent = view.running ? "Pause" : "Run";
        runButton.setAttribute("aria-pressed", String(view.running));
      }
      view.redraw();
    };
    view.start = () => still.matches || view.run(true); // unasked
    view.step = () => {
      view.run(false);
      advance();
      view.redraw();
    };
    view.reset = () => {
      view.steps = 0;
      instance.change?.("reset");
      view.redraw();
    };

    // --- building ---
    const button = (text, onclick, more = {}) => el("button", { type: "button", onclick, ...more }, text);
    view.button = (text, onclick, more) => buttons.insertBefore(button(text, onclick, more), linkButton);
    let runButton;
    const linkButton = button("Copy link", async () => {
      clearTimeout(saving);
      history.replaceState(history.state, "", address());
      try {
        await navigator.clipboard.writeText(location.href);
        linkButton.textContent = "Copied";
      } catch {
        linkButton.textContent = "In the address bar"; // a page from a folder may not use the clipboard
      }
      setTimeout(() => (linkButton.textContent = "Copy link"), 2000);
    });
    buttons.append(linkButton);
    instance = demo.create(view);
    if (instance.step) {
      runButton = button("Run", () => view.run(!view.running), { "aria-pressed": "false", class: "live-run" });
      buttons.prepend(runButton, button("Step", () => view.step()), button("Reset", () => view.reset()));
      if (demo.slow) {
        const box = el("input", { type: "checkbox", id: `${host.id || id}-slow`, oninput: () => (view.slow = box.checked) });
        buttons.insertBefore(el("span", { class: "live-control checkbox" }, box, el("label", { for: box.id }, "Slow")), linkButton);
      }
    }
    for (const [name, widget] of Object.entries(widgets)) widget.write(view.settings[name]);

    if (instance.drag) {
      let held = false;
      const place = (event) => {
        const box = canvas.getBoundingClientRect();
        return [event.clientX - box.left, event.clientY - box.top];
      };
      canvas.style.touchAction = "pan-y";
      canvas.addEventListener("pointerdown", (event) => {
        held = instance.drag(...place(event), "down") !== false;
        if (!held) return;
        canvas.setPointerCapture(event.pointerId);
        event.preventDefault();
        view.redraw();
      });
      canvas.addEventListener("touchstart", (event) => held && event.preventDefault(), { passive: false });
      canvas.addEventListener("touchmove", (event) => held && event.preventDefault(), { passive: false });
      canvas.addEventListener("pointermove", (event) => {
        if (held) { instance.drag(...place(event), "move"); view.redraw(); }
        else if (instance.hover) { instance.hover(...place(event)); view.redraw(); }
      });
      for (const end of ["pointerup", "pointercancel"])
        canvas.addEventListener(end, (event) => {
          if (held) instance.drag(...place(event), "up");
          held = false;
          view.redraw();
        });
    }
    if (demo.keys) canvas.addEventListener("keydown", (event) => {
      if (instance.key?.(event.key, event)) { event.preventDefault(); view.redraw(); }
    });

    const title = el("p", { class: "live-title" }, demo.title);
    const panel = "compact" in host.dataset ? el("details", {}, el("summary", {}, "Settings"), controls) : controls;
    host.replaceChildren(title, canvas, line, buttons, panel, aloud, ...host.querySelectorAll(".still")); // paper's
    host.setAttribute("role", "group");
    host.setAttribute("aria-label", demo.title);
    host.classList.add("live-ready");

    let fitted; // to this width of the host, whose height follows from its own text
    const fit = (view.fit = () => { // after a change of the canvas's height
      fitted = host.clientWidth;
      tallest = 0;
      line.style.minHeight = "";
      width = fitted - parseFloat(getComputedStyle(host).paddingLeft) * 2;
      height = Math.round(demo.height(width, view));
      canvas.style.height = `${height}px`;
      canvas.width = Math.round(width * devicePixelRatio); // and with it the picture is gone
      canvas.height = Math.round(height * devicePixelRatio);
      paint(performance.now());
    });
    new ResizeObserver(() => host.clientWidth === fitted || fit()).observe(host);
    new MutationObserver(() => {
      view.colors = readColors(host);
      view.redraw();
    }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    new IntersectionObserver(([entry]) => {
      visible = entry.isIntersecting;
      if (visible) view.redraw();
    }).observe(canvas);
    window.addEventListener("hashchange", () => {
      const [name, text] = location.hash.slice(1).split("?");
      if (name !== (host.id || id)) return;
      for (const [key, value] of Object.entries({ ...initial, ...parse(text, settings) }))
        if (view.settings[key] !== value) view.set(key, value);
    });
    fit();
    visible = true;
    tick(performance.now()); // the first picture stands there at once
    if (here) host.scrollIntoView();
    if ("run" in host.dataset) view.start();
  }

  // Axes: a box of the canvas with its own coordinates. const p = Live.plot(ctx, view.colors, {left, top, width, height}, {x: [-4, 4],
  // y: [0, 1], xlabel, ylabel, xticks, yticks}); then p.x(3), p.y(0.5) are places, p.line(xs, ys, color, {width, dash}), p.area(...),
  // p.dots(xs, ys, color, radius), p.text(x, y, words, color, align), p.inverse(px, py) the coordinates of a place.
  Live.plot = (ctx, colors, box, { x, y, xlabel = "", ylabel = "", xticks, yticks, frame = true }) => {
    const { left, top, width, height } = box;
    const px = (value) => left + ((value - x[0]) / (x[1] - x[0])) * width;
    const py = (value) => top + height - ((value - y[0]) / (y[1] - y[0])) * height;
    const font = (size = 12.5) => (ctx.font = `${size}px ${getComputedStyle(document.body).fontFamily}`);
    const clipped = (paint) => {
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, top, width, height);
      ctx.clip();
      paint();
      ctx.restore();
    };
    const path = (xs, ys) => {
      ctx.beginPath();
      for (let i = 0; i < xs.length; i++) ctx[i ? "lineTo" : "moveTo"](px(xs[i]), py(ys[i]));
    };
    font();
    ctx.lineWidth = 1;
    ctx.strokeStyle = colors.rule;
    ctx.fillStyle = colors.muted;
    if (frame) {
      ctx.beginPath();
      ctx.moveTo(left, top);
      ctx.lineTo(left, top + height);
      ctx.lineTo(left + width, top + height);
      ctx.stroke();
    }
    ctx.textAlign = "center";
    ctx.textBaseline = "top";
    for (const tick of xticks ?? []) ctx.fillText(Live.format(tick), px(tick), top + height + 4);
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    for (const tick of yticks ?? []) ctx.fillText(Live.format(tick), left - 5, py(tick));
    ctx.textAlign = "right";
    ctx.textBaseline = "bottom";
    if (xlabel) ctx.fillText(xlabel, left + width, top + height - 3);
    ctx.textAlign = "left";
    ctx.textBaseline = "top";
    if (ylabel) ctx.fillText(ylabel, left + 5, top);
    return {
      x: px, y: py, box,
      inverse: (a, b) => [x[0] + ((a - left) / width) * (x[1] - x[0]), y[0] + ((top + height - b) / height) * (y[1] - y[0])],
      line: (xs, ys, color, { width: w = 2, dash = [], alpha = 1 } = {}) => clipped(() => {
        path(xs, ys);
        ctx.globalAlpha = alpha;
        ctx.strokeStyle = color;
        ctx.lineWidth = w;
        ctx.lineJoin = "round";
        ctx.setLineDash(dash);
        ctx.stroke();
      }),
      area: (xs, ys, color, { alpha = 0.2, base = 0 } = {}) => clipped(() => {
        path(xs, ys);
        ctx.lineTo(px(xs[xs.length - 1]), py(base));
        ctx.lineTo(px(xs[0]), py(base));
        ctx.globalAlpha = alpha;
        ctx.fillStyle = color;
        ctx.fill();
      }),
      dots: (xs, ys, color, { radius = 3, alpha = 1 } = {}) => clipped(() => {
        ctx.globalAlpha = alpha;
        ctx.fillStyle = color;
        for (let i = 0; i < xs.length; i++) {
          ctx.beginPath();
          ctx.arc(px(xs[i]), py(ys[i]), radius, 0, 2 * Math.PI);
          ctx.fill();
        }
      }),
      text: (a, b, words, color = colors.ink, { align = "left", baseline = "middle", size = 12.5 } = {}) => {
        font(size);
        ctx.fillStyle = color;
        ctx.textAlign = align;
        ctx.textBaseline = baseline;
        ctx.fillText(words, px(a), py(b));
      },
    };
  };
})();
