"""Take the still pictures of the live demos: python -m tools.stills writes book/_static/live/stills/NAME.png.

The pictures stand on the pages where no script runs, and on paper. Each demo trains in Chromium for a while first, from
the built site's playground, and the front page's, duel.png, from there; without Chromium there is nothing to do.
"""

import contextlib
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tools.book_pdf import FLAGS, SITE, chromium

STILLS = Path(__file__).resolve().parent.parent / "book" / "_static" / "live" / "stills"
STATES = {"broken": {"slip": "weak"}}  # what is set first, where the demo as it comes is not the one to show
STEPS = {"even": 400, "curve": 1500, "players": 60, "broken": 300, "duel": 40}  # then; others show something at once


@contextlib.contextmanager
def demos(page: str, script: str = "", **settings):
    """A page of the built site's book/ in Chromium, all demos ready: (the page, selectors of their boxes by name, which
    is a box's id, or else its demo). settings: of the page."""
    if (browser := chromium()) is None:
        sys.exit("No Chromium found: install one, or name it in the environment variable CHROMIUM.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        tab = opened.new_page(**settings)
        tab.add_init_script(script)
        tab.goto((SITE / "book" / f"{page}.html").as_uri(), wait_until="load")
        tab.wait_for_function("!document.querySelector('.live:not(.live-ready)')")
        names = tab.evaluate("[...document.querySelectorAll('.live')].map(host => host.id || host.dataset.demo)")
        yield tab, {name: f".live:is(#{name}, [data-demo={name}])" for name in names}
        opened.close()


def main() -> None:
    STILLS.mkdir(exist_ok=True)
    look = {"viewport": {"width": 900, "height": 1400}, "device_scale_factor": 2, "color_scheme": "light",
            "reduced_motion": "reduce"}
    for where in ("playground", "start"):
        with demos(where, **look) as (page, boxes):
            for name, box in boxes.items():
                page.evaluate("""([box, state, steps]) => {
                    const { view } = document.querySelector(box);
                    for (const [key, value] of Object.entries(state)) view.set(key, value);
                    for (let i = 0; i < steps; i++) view.step();
                }""", [box, STATES.get(name, {}), STEPS.get(name, 0)])
                canvas = page.locator(f"{box} canvas")
                canvas.scroll_into_view_if_needed()
                page.wait_for_timeout(2000)  # data that come when they are asked for
                canvas.screenshot(path=STILLS / f"{name}.png")
                print(f"wrote {name}.png")


if __name__ == "__main__":
    main()
