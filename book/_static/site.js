// What the browser adds to the course's pages. Nothing here is needed to read them.
(() => {
  // Search shows a line of each page it finds, which a browser may not read from a folder: there, titles must do.
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

  // A box that scrolls sideways must be reachable with the keyboard. The theme does this for code, not for these.
  const boxes = "mjx-container, .pst-scrollable-table-container, .cell_output .output";
  const markScrollable = () =>
    document.querySelectorAll(boxes).forEach((box) => {
      if (box.clientWidth && box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0; // inline boxes have no width
      else if (box.tabIndex === 0) box.removeAttribute("tabindex");
    });

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

  window.addEventListener("load", () => {
    nameControls();
    markScrollable();
    window.MathJax?.startup?.promise?.then(markScrollable);
    window.addEventListener("resize", markScrollable);
    document.addEventListener("toggle", markScrollable, true); // an answer was opened
  });
})();
