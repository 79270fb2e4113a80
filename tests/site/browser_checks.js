// Questions that test_browser.py asks a page. Each answers with a list of what is wrong; an empty list is good.
({
  // Formulas that MathJax did not set, or set as an error.
  untypesetMath() {
    const wrong = [...document.querySelectorAll(".math")].filter((box) => !box.querySelector("mjx-container"));
    const errors = [...document.querySelectorAll("mjx-merror, [data-mjx-error]")];
    return [...wrong, ...errors].map((element) => element.textContent.trim().slice(0, 80));
  },

  // Text that leaves the page sideways, or that a box cuts off without letting the reader scroll to it.
  lostText() {
    const lost = [];
    const article = document.querySelector("article");
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const parent = node.parentElement;
      if (!node.textContent.trim() || parent.closest("mjx-assistive-mml, script, style, .visually-hidden")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const right = Math.max(0, ...[...range.getClientRects()].map((rect) => rect.right));
      const left = Math.min(0, ...[...range.getClientRects()].map((rect) => rect.left));
      for (let box = parent; box; box = box === article ? null : box.parentElement) {
        const { overflowX } = getComputedStyle(box);
        const edge = box.getBoundingClientRect();
        if (/auto|scroll/.test(overflowX) && box.scrollWidth > box.clientWidth) break;
        const cut = /hidden|clip/.test(overflowX) && right > edge.right + 1;
        if (cut || (box === article && (right > innerWidth + 1 || left < -1))) {
          lost.push(node.textContent.trim().slice(0, 80));
          break;
        }
      }
    }
    return lost;
  },

  // Pictures that the browser could not show.
  brokenPictures() {
    return [...document.images].filter((image) => image.complete && !image.naturalWidth).map((image) => image.src.slice(0, 80));
  },
})
