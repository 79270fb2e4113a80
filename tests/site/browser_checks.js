// Questions that test_browser.py asks a page. Each answers with a list of what is wrong; an empty list is good.
({
  // Formulas that MathJax did not set, or set as an error.
  untypesetMath() {
    const wrong = [...document.querySelectorAll(".math")].filter((box) => !box.querySelector("mjx-container"));
    const errors = [...document.querySelectorAll("mjx-merror, [data-mjx-error]")];
    return [...wrong, ...errors].map((element) => element.textContent.trim().slice(0, 80));
  },

  // Text and formulas that leave the page sideways, or that a box cuts off without letting the reader scroll there.
  lostText() {
    const article = document.querySelector("article");
    const unseen = "mjx-assistive-mml, script, style, .visually-hidden";
    const isLost = (rects, parent) => {
      const right = Math.max(0, ...rects.map((rect) => rect.right));
      const left = Math.min(0, ...rects.map((rect) => rect.left));
      for (let box = parent; box !== article.parentElement; box = box.parentElement) {
        const { overflowX, display } = getComputedStyle(box);
        if (display === "inline") continue; // such a box neither cuts nor scrolls
        if (/auto|scroll/.test(overflowX) && box.scrollWidth > box.clientWidth) return false;
        if (/hidden|clip/.test(overflowX) && right > box.getBoundingClientRect().right + 1) return true;
      }
      return right > innerWidth + 1 || left < -1;
    };
    const lost = [...article.querySelectorAll("mjx-container > mjx-math")]
      .filter((formula) => isLost([formula.getBoundingClientRect()], formula.parentElement))
      .map((formula) => `formula in: ${formula.closest("p, div").textContent.trim().slice(0, 80)}`);
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    const range = document.createRange(); // one for all: each that lives is looked at whenever an element goes
    while (walker.nextNode()) {
      const { textContent, parentElement } = walker.currentNode;
      if (!textContent.trim() || parentElement.closest(unseen)) continue;
      range.selectNodeContents(walker.currentNode);
      if (isLost([...range.getClientRects()], parentElement)) lost.push(textContent.trim().slice(0, 80));
    }
    return lost;
  },

  // Formulas in a line that scroll although they fit: each would show a scroll bar and stop the Tab key.
  restlessMath() {
    return [...document.querySelectorAll("span.math > mjx-container")]
      .filter((box) => box.tabIndex === 0 && box.firstElementChild.getBoundingClientRect().width <= box.clientWidth + 1)
      .map((box) => box.textContent.slice(0, 80));
  },

  // Pictures that the browser could not show.
  brokenPictures() {
    const broken = [...document.images].filter((image) => image.complete && !image.naturalWidth);
    return broken.map((image) => image.src.slice(0, 80));
  },
})
