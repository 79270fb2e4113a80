"""How long a frame of each live demo takes: sixty a second leave 16.7 milliseconds.

    python -m benchmarks.live_frames          about a minute; needs the built site and a Chromium

Each demo of the playground runs for 200 frames on a page 1280 pixels wide; one that does not run by itself is drawn
anew in each. Measured is what its scripts take, steps of training and drawing; what the browser adds until the picture
is on the screen is not. A demo trains as many steps in a frame as fit into a few milliseconds, so a slower machine
makes fewer steps and as many frames. The last line has the slowest demo.
"""

import sys

import numpy as np
from playwright.sync_api import sync_playwright

from tools.book_pdf import FLAGS, SITE, chromium

FRAMES, ONE = 200, 1000 / 60
WATCH = """
  const ask = window.requestAnimationFrame.bind(window);
  window.spent = [];
  window.requestAnimationFrame = (act) => ask((now) => {
    const start = performance.now();
    act(now);
    spent.push(performance.now() - start);
  });
"""
PLAY = """async ([name, frames]) => {
  const { view } = document.querySelector(`.live[data-demo=${name}]`);
  spent.length = 0;
  view.run(true);
  while (spent.length < frames) {
    if (!view.running) view.redraw();
    await new Promise((next) => setTimeout(next, 5));
  }
  view.run(false);
  return spent;
}"""


def main() -> None:
    if (browser := chromium()) is None:
        sys.exit("No Chromium found: install one, or name it in the environment variable CHROMIUM.")
    slowest = 0.0, ""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        page = opened.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(WATCH)
        page.goto((SITE / "book" / "playground.html").as_uri(), wait_until="load")
        page.wait_for_function("!document.querySelector('.live:not(.live-ready)')")
        print(f"{'demo':12s}{'median':>8s}{'95 %':>8s}{'longest':>9s}  ms a frame")
        for name in page.evaluate("[...document.querySelectorAll('.live')].map(host => host.dataset.demo)"):
            page.locator(f".live[data-demo={name}] canvas").scroll_into_view_if_needed()
            page.wait_for_timeout(1000)  # data that come when they are asked for
            spent = page.evaluate(PLAY, [name, FRAMES])
            median, most = np.percentile(spent, [50, 95])
            slowest = max(slowest, (most, name))
            print(f"{name:12s}{median:8.1f}{most:8.1f}{max(spent):9.1f}")
        opened.close()
    print(f"slowest: {slowest[1]}, 95 % of its frames take {slowest[0]:.1f} ms or less; sixty a second leave {ONE:.1f}")


if __name__ == "__main__":
    main()
