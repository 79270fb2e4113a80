"""What chapter 8 shows of the bank (`benchmarks.broken`): eight of its runs, and what loss curves tell a classifier.

    python -m benchmarks.whats_wrong          reprints what is recorded
    python -m benchmarks.whats_wrong --run    trains the eight runs and the classifier (minutes; needs scikit-learn)

The eight are runs on the ring with calm losses, chosen to be hard: three of them are well.
"""

import dataclasses

import numpy as np
import torch

from benchmarks import broken, recorder
from gan_helpers import recorded

NAME, DATA, SHOWN = "whats_wrong", "ring", 300  # samples shown of each run


@dataclasses.dataclass(frozen=True)
class Row:
    """One run of the bank: a condition on the ring, in one of its variants."""

    condition: str
    variant: int
    seed: int

    def setting(self) -> broken.Setting:
        return broken.conditions(DATA)[self.condition][self.variant]

    def settings(self) -> dict:
        """What tells whether a recording is still of this row."""
        return {"data": DATA, "condition": self.condition, "seed": self.seed,
                "setting": broken.described(self.setting())}


@dataclasses.dataclass(frozen=True)
class FromCurves:
    """The answers of the best classifier of loss curves, for the judged runs of the bank in their order.

    elsewhere: each run is judged by a classifier that has studied no curves of the run's own data set.
    """

    elsewhere: bool = False

    def settings(self) -> dict:
        """What tells whether a recording is still of this row: how many runs there are."""
        return {"judged": sum(run["seed"] >= broken.FIRST_JUDGED for run in broken.bank())} | vars(self)

    def answers(self) -> list[str]:
        from benchmarks import diagnosis  # scikit-learn

        choose, judge = diagnosis.split()
        if not self.elsewhere:
            return diagnosis.from_curves(choose, judge)
        found = [""] * len(judge)
        for name in dict.fromkeys(run["data"] for run in judge):
            rows = [i for i, run in enumerate(judge) if run["data"] == name]
            said = diagnosis.from_curves([run for run in choose if run["data"] != name], [judge[i] for i in rows])
            for i, answer in zip(rows, said, strict=True):
                found[i] = answer
        return found


ROWS = {
    "A": Row("dropped modes", 1, 16), "B": Row("healthy", 0, 17), "C": Row("collapse", 1, 16),
    "D": Row("few samples", 1, 16), "E": Row("D too weak", 0, 17), "F": Row("healthy", 0, 16),
    "G": Row("dropped modes", 0, 17), "H": Row("healthy", 0, 18), "from the curves": FromCurves(),
    "from other curves": FromCurves(elsewhere=True),
}


def measure(name: str, row, folder) -> dict:
    """Train one run and keep its losses and some samples; or ask the classifier."""
    if isinstance(row, FromCurves):
        answers = row.answers()
        names = sorted(set(answers))
        return {"names": names, "answers": np.array([names.index(answer) for answer in answers], "u1")}
    setting = row.setting()
    (loop,), curves = broken.train_all(setting, [row.seed])
    loop.generator.eval()
    with torch.no_grad():
        fakes = loop.generator(setting.noise(SHOWN, torch.Generator().manual_seed(row.seed)))
    return {"losses": curves[0].half(), "samples": fakes.half()}


def show() -> None:
    facts = recorded.about(NAME)
    for name, fact in facts.items():
        if "names" in fact:
            print(f"{name}: {fact['settings']['judged']} runs")
        else:
            print(f"{name}: {fact['settings']['condition']}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    recorder.main(NAME, __doc__, ROWS, measure, show)
