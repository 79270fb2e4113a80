"""How often `diagnose` is right: its first finding on runs that no limit was chosen on, against the loss curves alone.

    python -m benchmarks.diagnosis

Judged are the seeds from 15 on of the bank (`benchmarks.broken`), and all of the data set held out. The findings follow
from the recorded measurements, so a change of a limit in `gan_helpers.diagnosis.causes` shows at once.

From the loss curves alone: the best of three kinds of classifiers, each tuned, chosen by cross-validation on the other
seeds and judged on the same runs. It sees both curves at 16 moments and fifteen numbers that describe each.
"""

import warnings
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import broken
from gan_helpers.diagnosis import causes
from gan_helpers.metrics.statistics import percent, wilson_interval
from gan_helpers.plots import style

FIRST_JUDGED = 15  # seed
NAMES = {"NaN in the data": "nan"}  # conditions whose cause has another key
WITH_STEP = {  # what is measured only if there is a step of the loop
    "g_update", "d_update", "g_held", "d_held", "g_grad", "d_grad", "g_leftover", "d_leftover", "shared", "g_size",
    "d_size", "d_direction", "g_direction", "g_pace", "d_pace", "as_logits", "as_probabilities", "g_signal",
    "distance_now", "distance_ahead", "distance_best", "distance_worst", "path", "mean_path", "way", "spread_ahead",
    "spread_best",
}
MODELS = {
    "logistic regression": (make_pipeline(StandardScaler(), LogisticRegression(max_iter=3000)),
                            {"logisticregression__C": [0.01, 0.1, 1.0, 10.0]}),
    "random forest": (RandomForestClassifier(400, random_state=0),
                      {"min_samples_leaf": [1, 2, 4], "max_features": [0.1, 0.3, "sqrt"]}),
    "extremely random trees": (ExtraTreesClassifier(400, random_state=0),
                               {"min_samples_leaf": [1, 2, 4], "max_features": [0.1, 0.3, "sqrt"]}),
}


def truth(run: dict) -> str:
    """The key of the cause that was put in; "healthy" for none."""
    return NAMES.get(run["condition"], run["condition"])


def first(measured: dict) -> str:
    """The key of the first finding."""
    found = causes.findings(measured)
    return found[0][0].key if found else "healthy"


def split() -> tuple[list[dict], list[dict]]:
    """The runs to choose by, and those to judge by."""
    judged = [run["seed"] >= FIRST_JUDGED or run["data"] == broken.HELD_OUT for run in broken.bank()]
    return tuple([run for run, is_judged in zip(broken.bank(), judged, strict=True) if is_judged == wanted]
                 for wanted in (False, True))


def described(losses: np.ndarray) -> np.ndarray:
    """What a classifier sees of two loss curves, (2, steps)."""
    found = []
    for curve in losses.astype(float):
        finite = np.isfinite(curve)
        curve = np.clip(np.where(finite, curve, 0), -50, 50)
        quarters, steps = curve.reshape(4, -1), np.diff(curve)
        middle = curve - curve.mean()
        again = [float((middle[lag:] * middle[:-lag]).mean() / max(middle.var(), 1e-12)) for lag in (1, 4, 16)]
        found += [*curve[::8], *quarters.mean(1), *quarters.std(1), curve.min(), curve.max(), finite.mean(),
                  np.abs(steps).mean(), *again]
    return np.array(found)


def from_curves(choose: list[dict], judge: list[dict]) -> tuple[str, list[str]]:
    """The best classifier of loss curves, chosen on one half, and its answers for the other."""
    seen, labels = np.stack([described(run["losses"]) for run in choose]), [truth(run) for run in choose]
    folds = StratifiedKFold(min(5, min(Counter(labels).values())), shuffle=True, random_state=0)
    searches = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, (model, grid) in MODELS.items():
            searches[name] = GridSearchCV(model, grid, cv=folds).fit(seen, labels)
    best = max(searches, key=lambda name: searches[name].best_score_)
    return best, list(searches[best].predict(np.stack([described(run["losses"]) for run in judge])))


def figure(wanted: list[str], found: list[str]):
    """The confusion table as a figure: each condition's runs by the first finding, in percent."""
    names = [*dict.fromkeys(wanted), *sorted(set(found) - set(wanted))]
    table = np.zeros((len(names), len(names)))
    for pair in zip(wanted, found, strict=True):
        table[tuple(map(names.index, pair))] += 1
    table /= np.maximum(1, table.sum(1, keepdims=True))
    fig, ax = plt.subplots(figsize=(style.WIDTH, style.WIDTH))
    ax.imshow(table, cmap="Purples", vmin=0, vmax=1)
    for i, j in zip(*np.nonzero(table), strict=True):
        ax.text(j, i, f"{100 * table[i, j]:.0f}", ha="center", va="center", fontsize=7,
                color=style.PAPER if table[i, j] > 0.6 else style.INK)
    ax.set_xticks(range(len(names)), names, rotation=90)
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="first finding", ylabel="put in")
    return fig


def main() -> None:
    choose, judge = split()
    wanted, found = [truth(run) for run in judge], [first(run["measured"]) for run in judge]
    best, guessed = from_curves(choose, judge)
    blind = [first({name: value for name, value in run["measured"].items() if name not in WITH_STEP})
             for run in judge]
    print(f"{len(choose)} runs to choose by, {len(judge)} to judge by\n")
    print(f"{'put in':24s}{'runs':>5s}  right first            from the curves        otherwise found")
    for name in dict.fromkeys(wanted):
        rows = [i for i, want in enumerate(wanted) if want == name]
        right, curves = (percent(wilson_interval([answers[i] == name for i in rows])) for answers in (found, guessed))
        others = Counter(found[i] for i in rows if found[i] != name)
        print(f"{name:24s}{len(rows):5d}  {right:22s} {curves:22s} "
              + ", ".join(f"{other} {count}" for other, count in others.most_common()))
    print()
    for name in dict.fromkeys(run["data"] for run in judge):
        rows = [i for i, run in enumerate(judge) if run["data"] == name]
        print(f"{name:24s}{len(rows):5d}  {percent(wilson_interval([found[i] == wanted[i] for i in rows]))}")
    well = [i for i, want in enumerate(wanted) if want in ("healthy", "unfinished")]
    shares = {
        "right first": [a == b for a, b in zip(wanted, found, strict=True)],
        "healthy called ill": [found[i] not in ("healthy", "unfinished") for i in well],
        f"from the loss curves alone ({best})": [a == b for a, b in zip(wanted, guessed, strict=True)],
        "without a step of the loop": [a == b for a, b in zip(wanted, blind, strict=True)],
    }
    print()
    for name, hits in shares.items():
        print(f"{name}: {percent(wilson_interval(hits))} of {len(hits)}")
    right, ill, curves, _ = (100 * np.mean(hits) for hits in shares.values())
    print(f"right first: {right:.1f} %; healthy called ill: {ill:.1f} %; from the loss curves alone: {curves:.1f} %")


if __name__ == "__main__":
    main()
