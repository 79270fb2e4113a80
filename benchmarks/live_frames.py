"""How long a frame of each live demo takes: sixty a second leave 16.7 milliseconds.

    python -m benchmarks.live_frames          about a minute; needs the built site and a Chromium

Each demo of the playground runs for 200 frames on a page 1280 pixels wide; one that does not run by itself is drawn
anew in each. Measured is what its scripts take, steps of training and drawing; what the browser adds until the picture
is on the screen is not. A demo trains as many steps in a frame as fit into a few milliseconds, so a slower machine
makes fewer steps and as many frames. The last line has the slowest demo.
"""

import numpy as np

from tools.stills import demos

FRAMES, ONE = 200, 1000 / 60
BEFORE = {"curve": 1500, "even": 250}  # steps: these two begin slowly
WATCH = """
  const ask = window.requestAnimationFrame.bind(window);
  window.spent = [];
  window.requestAnimationFrame = (act) => ask((now) => {
    const start = performance.now();
    act(now);
    spent.push(performance.now() - start);
  });
"""
PLAY = """async ([box, frames, steps]) => {
  const { view } = document.querySelector(box);
  for (let i = 0; i < steps; i++) view.step();
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
    slowest = 0.0, ""
    with demos("playground", WATCH, viewport={"width": 1280, "height": 900}) as (page, boxes):
        print(f"{'demo':12s}{'median':>8s}{'95 %':>8s}{'longest':>9s}  ms a frame")
        for name, box in boxes.items():
            page.locator(f"{box} canvas").scroll_into_view_if_needed()
            page.wait_for_timeout(1000)  # data that come when they are asked for
            spent = page.evaluate(PLAY, [box, FRAMES, BEFORE.get(name, 0)])
            median, most = np.percentile(spent, [50, 95])
            slowest = max(slowest, (most, name))
            print(f"{name:12s}{median:8.1f}{most:8.1f}{max(spent):9.1f}")
    print(f"slowest: {slowest[1]}, 95 % of its frames take {slowest[0]:.1f} ms or less; sixty a second leave {ONE:.1f}")


if __name__ == "__main__":
    main()
