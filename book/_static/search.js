// Search by section, in place of the theme's search by page: sections.js, which the build writes, holds the course's
// text. A result leads to its section, and to the very words where the browser can. Nothing is fetched, so that search
// works in a downloaded copy as well.
(() => {
  const MOST = 50; // results that are shown
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const el = (tag, attributes = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...children);
    return element;
  };
  // A word is found by its beginning and by its stem: "collapse" also in "collapsed".
  const pattern = (word) => new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped(word)}|${escaped(new Stemmer().stemWord(word))})`, "iu");

  const find = (query) => {
    const words = query.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
    const patterns = words.map(pattern);
    const phrase = new RegExp(`(?<![\\p{L}\\p{N}])${words.map(escaped).join("[\\s-]+")}`, "giu");
    const results = [];
    if (!words.length) return results;
    for (const [page, pageTitle, sections] of SECTIONS)
      for (const [anchor, title, text] of sections) {
        if (!patterns.every((one) => one.test(title) || one.test(text))) continue;
        const named = title.match(phrase) ? 8 : patterns.every((one) => one.test(title)) ? 6 : 0;
        const said = text.match(phrase) ?? [];
        const score = named + (said.length && 2) + Math.min(said.length, 6) / 2 - (/solutions|api/.test(page) && 3);
        results.push({ page, pageTitle, anchor, title, text, score, said: said[0], at: patterns.find((one) => one.test(text)) });
      }
    return results.sort((a, b) => b.score - a.score); // equal ones stay in reading order
  };

  // About 200 characters around the place that was found, which is marked.
  const excerpt = ({ text, said, at }) => {
    const found = said ? { index: text.indexOf(said), 0: said } : at ? text.match(at) : { index: 0, 0: "" };
    const start = found.index < 80 ? 0 : text.indexOf(" ", found.index - 80) + 1;
    const end = found.index + found[0].length;
    const rest = text.slice(end, end + 140);
    return [
      start ? "… " : "", text.slice(start, found.index), found[0] && el("mark", {}, found[0]),
      rest.length < 140 ? rest : `${rest.slice(0, rest.lastIndexOf(" "))} …`,
    ];
  };

  const shown = (result) => {
    const { page, pageTitle, anchor, title, said } = result;
    const words = said ? `:~:text=${encodeURIComponent(said).replaceAll("-", "%2D")}` : "";
    const link = el("a", { href: `${page}.html#${anchor}${words}` }, title);
    const where = title === pageTitle ? [] : [el("span", { className: "where" }, ` in ${pageTitle}`)];
    return el("li", {}, link, ...where, el("p", { className: "context" }, ...excerpt(result)));
  };

  Search.query = (query) => {
    const results = find(query);
    Search.stopPulse();
    Search.title.textContent = "Search Results";
    Search.status.textContent =
      results.length > MOST ? `${results.length} sections, the best ${MOST} of them:`
      : results.length ? `${results.length} section${results.length > 1 ? "s" : ""}:`
      : "Nothing has these words. Try fewer, or another form of them.";
    Search.output.append(...results.slice(0, MOST).map(shown));
  };
  Search.hasIndex = () => true;
})();
