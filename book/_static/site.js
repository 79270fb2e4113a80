// What the browser adds to the course's pages. Nothing here is needed to read them.
(() => {
  // A box that scrolls sideways must be reachable with the keyboard (the theme does this for code alone), and shows that
  // there is more to the right. A formula in a line becomes such a box only where it is wider than its paragraph.
  const boxes = "mjx-container, .pst-scrollable-table-container, .cell_output .output, .highlight pre";
  const block = "p, li, td, th, dd, dt, summary, div";
  const markMore = (box) => box.classList.toggle("more", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
  const markScrollable = () => {
    const formulas = [...document.querySelectorAll("span.math > mjx-container")];
    const room = formulas.map((formula) => formula.closest(block).clientWidth + 1);
    const wide = formulas.map((formula, i) => formula.firstElementChild.getBoundingClientRect().width > room[i]);
    formulas.forEach((formula, i) => formula.classList.toggle("wide", wide[i]));
    document.querySelectorAll(boxes).forEach((box) => {
      const { overflowX } = getComputedStyle(box); // a bar over a letter may stick out of a box that cannot scroll
      const scrolls = overflowX !== "visible" && box.scrollWidth > box.clientWidth + 1;
      if (scrolls) box.tabIndex = 0;
      else if (box.tabIndex === 0 && box.tagName !== "PRE") box.removeAttribute("tabindex");
      if (scrolls) markMore(box);
      else box.classList.remove("more");
    });
  };
  document.addEventListener("scroll", (event) => event.target.matches?.(boxes) && markMore(event.target), true);

  // Paper is white.
  const { dataset } = document.documentElement;
  let shown;
  window.addEventListener("beforeprint", () => ([shown, dataset.theme] = [dataset.theme, "light"]));
  window.addEventListener("afterprint", () => (dataset.theme = shown));

  // Two of the theme's controls have a wrong name or none, and its icons are letters of a font.
  const nameControls = () => {
    document.querySelectorAll("[class*=fa-]").forEach((icon) => icon.setAttribute("aria-hidden", true));
    document.querySelector(".search-button-field")?.removeAttribute("aria-label"); // it shows more than it says
    document.querySelectorAll(".bd-docs-nav li.has-children").forEach((item) => {
      const chapter = item.querySelector("a").textContent.trim();
      item.querySelector("details > summary")?.setAttribute("aria-label", `Pages of ${chapter}`);
    });
  };

  // The theme takes the focus away from a button that was pressed, which hides its tooltip and loses the keyboard's
  // place. The buttons that open a menu say whether it is open.
  const keepFocus = () => {
    document.querySelectorAll(".theme-switch-button, .search-button, .sidebar-toggle").forEach((button) => {
      button.blur = () => button.matches(":focus-visible") || HTMLElement.prototype.blur.call(button);
    });
  };
  const sayWhatIsOpen = () => {
    const wide = window.matchMedia("(min-width: 992px)");
    for (const side of ["primary", "secondary"]) {
      const sidebar = document.getElementById(`pst-${side}-sidebar`);
      const dialog = document.getElementById(`pst-${side}-sidebar-modal`);
      if (!sidebar || !dialog) continue;
      const say = () => {
        const beside = side === "primary" && wide.matches && !sidebar.classList.contains("pst-sidebar-hidden");
        document
          .querySelectorAll(`.${side}-toggle`)
          .forEach((button) => button.setAttribute("aria-expanded", String(dialog.open || beside)));
      };
      const watch = new MutationObserver(say);
      [sidebar, dialog].forEach((element) => watch.observe(element, { attributes: true }));
      wide.addEventListener("change", say);
      say();
    }
  };

  // A live demo stands in for the picture in its box once its scripts are here; without them the picture stays.
  const live = new URL("live/", document.currentScript.src);
  const load = (tag, attributes) =>
    new Promise((done) => {
      const element = Object.assign(document.createElement(tag), attributes, { onload: done, onerror: done });
      document.head.append(element);
    });
  const startDemos = async () => {
    const hosts = [...document.querySelectorAll(".live[data-demo]")];
    if (!hosts.length) return;
    const names = ["nn", "densities", "live", ...new Set(hosts.map((host) => host.dataset.demo))];
    const style = load("link", { rel: "stylesheet", href: new URL("live.css", live) });
    const scripts = names.map((name) => load("script", { src: new URL(`${name}.js`, live), async: false })); // in order
    await Promise.all([style, ...scripts]);
    hosts.forEach((host) => window.Live?.mount(host));
  };
  document.addEventListener("DOMContentLoaded", startDemos);

  window.addEventListener("load", () => {
    nameControls();
    keepFocus();
    sayWhatIsOpen();
    markScrollable();
    window.MathJax?.startup?.promise?.then(markScrollable);
    window.addEventListener("resize", markScrollable);
    document.addEventListener("toggle", markScrollable, true); // an answer was opened
  });
})();
