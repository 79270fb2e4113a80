"""How often `diagnose` is right: its first finding on runs that no limit was chosen on, against the loss curves alone.

    python -m benchmarks.diagnosis

Judged are the seeds from 16 on of the bank (`benchmarks.broken`), of all data sets, one of which nothing was chosen on.
The first wave had been judged once when GANs from elsewhere (`benchmarks.other_scripts`, the patients of chapter 8)
showed what the limits did not know, and some of them changed. Nobody had looked at the later runs before the limits
stood as they do; their share is printed as well. The findings follow from the recorded measurements, so a change of a
limit in `gan_helpers.diagnosis.causes` shows at once.

From the loss curves alone: the best of four kinds of classifiers, each tuned, chosen by cross-validation on the other
seeds and judged on the same runs. It sees both curves at 16 moments and fifteen numbers that describe each. A second
one is given more to learn from than the limits were: four fifths of all runs, of all data sets, five times over.
"""

import argparse
import warnings
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks import broken
from gan_helpers.diagnosis import causes
from gan_helpers.metrics.statistics import percent, wilson_interval
from gan_helpers.plots import style

NAMES = {"NaN in the data": "nan"}  # conditions whose cause has another key
WITH_STEP = {  # what is measured only if there is a step of the loop
    "g_update", "d_update", "g_held", "d_held", "g_grad", "d_grad", "g_leftover", "d_leftover", "shared", "g_size",
    "d_size", "d_direction", "g_direction", "g_pace", "d_pace", "as_logits", "as_probabilities", "g_signal",
    "distance_now", "distance_ahead", "distance_best", "distance_worst", "path", "mean_path", "way", "spread_ahead",
    "spread_best",
}
TREES = {"min_samples_leaf": [1, 3], "max_features": [0.1, 0.3]}
MODELS = [
    (make_pipeline(StandardScaler(), LogisticRegression(max_iter=3000)), {"logisticregression__C": [0.01, 0.1, 1, 10]}),
    (make_pipeline(StandardScaler(), SVC()), {"svc__C": [1, 10, 100], "svc__gamma": ["scale", 0.01]}),
    (RandomForestClassifier(100, random_state=0), TREES),
    (ExtraTreesClassifier(100, random_state=0), TREES),
]


def truth(run: dict) -> str:
    """The key of the cause that was put in; "healthy" for none."""
    return NAMES.get(run["condition"], run["condition"])


def first(measured: dict) -> str:
    """The key of the first finding."""
    return next(iter(causes.keys(measured)), "healthy")


def split() -> tuple[list[dict], list[dict]]:
    """The runs to choose by, and those to judge by."""
    judged = [run["seed"] >= broken.FIRST_JUDGED for run in broken.bank()]
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


def best_classifier(seen: np.ndarray, labels: list[str]) -> GridSearchCV:
    """The kind of classifier, tuned, that cross-validation on these runs prefers, fitted to all of them."""
    folds = StratifiedKFold(min(5, *Counter(labels).values()), shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        searches = [GridSearchCV(model, grid, cv=folds).fit(seen, labels) for model, grid in MODELS]
    return max(searches, key=lambda search: search.best_score_)


def from_curves(choose: list[dict], judge: list[dict]) -> list[str]:
    """What the best classifier of loss curves, chosen and trained on one half, says of the other."""
    seen, unseen = (np.stack([described(run["losses"]) for run in runs]) for runs in (choose, judge))
    return list(best_classifier(seen, [truth(run) for run in choose]).predict(unseen))


def from_more_curves(runs: list[dict]) -> list[bool]:
    """Whether such a classifier is right on a fifth of all runs, trained on the other four fifths; for each run."""
    seen, labels = np.stack([described(run["losses"]) for run in runs]), np.array([truth(run) for run in runs])
    right = np.zeros(len(runs), bool)
    for train, test in StratifiedKFold(5, shuffle=True, random_state=1).split(seen, labels):
        right[test] = best_classifier(seen[train], list(labels[train])).predict(seen[test]) == labels[test]
    return list(right)


def figure(wanted: list[str], found: list[str]):
    """The confusion table as a figure: each condition's runs by the first finding, in percent."""
    names = [*dict.fromkeys(wanted), *sorted(set(found) - set(wanted))]
    table = np.zeros((len(names), len(names)))
    for pair in zip(wanted, found, strict=True):
        table[tuple(map(names.index, pair))] += 1
    table /= np.maximum(1, table.sum(1, keepdims=True))
    fig, ax = plt.subplots(figsize=(style.WIDTH, style.WIDTH), layout="constrained")
    ax.imshow(table, cmap="Purples", vmin=0, vmax=1)
    for i, j in zip(*np.nonzero(table), strict=True):
        ax.text(j, i, f"{100 * table[i, j]:.0f}", ha="center", va="center", fontsize=7,
                color=style.PAPER if table[i, j] > 0.6 else style.INK)
    ax.set_xticks(range(len(names)), names, rotation=90)
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="first finding", ylabel="put in")
    return fig


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figure", metavar="FILE", help="save the confusion table as a picture")
    file = parser.parse_args().figure
    choose, judge = split()
    wanted, found = [truth(run) for run in judge], [first(run["measured"]) for run in judge]
    guessed = from_curves(choose, judge)
    blind = [first({name: value for name, value in run["measured"].items() if name not in WITH_STEP})
             for run in judge]

    def share(answers, rows):
        return percent(wilson_interval([answers[i] == wanted[i] for i in rows]))

    print(f"{len(choose)} runs to choose by, {len(judge)} to judge by\n")
    print(f"{'put in':24s}{'runs':>5s}  right first            from the curves        otherwise found")
    for name in dict.fromkeys(wanted):
        rows = [i for i, want in enumerate(wanted) if want == name]
        right, curves = share(found, rows), share(guessed, rows)
        others = Counter(found[i] for i in rows if found[i] != name)
        print(f"{name:24s}{len(rows):5d}  {right:22s} {curves:22s} "
              + ", ".join(f"{other} {count}" for other, count in others.most_common()))
    print()
    for name in dict.fromkeys(run["data"] for run in judge):
        rows = [i for i, run in enumerate(judge) if run["data"] == name]
        print(f"{name:24s}{len(rows):5d}  {share(found, rows):22s} {share(guessed, rows)}")
    for (name, condition), reason in broken.LEFT_OUT.items():
        print(f"left out: {condition} on {name}, since {reason}")
    well = [answer for answer, want in zip(found, wanted, strict=True) if want in broken.WELL]
    shares = {
        "right first": [a == b for a, b in zip(wanted, found, strict=True)],
        "right first, runs of later waves": [a == b for a, b, run in zip(wanted, found, judge, strict=True)
                                             if run["seed"] >= broken.FIRST_JUDGED + broken.WAVE[run["data"]]],
        "healthy called ill": [answer not in broken.WELL for answer in well],
        "from the loss curves alone": [a == b for a, b in zip(wanted, guessed, strict=True)],
        "from the loss curves alone, trained on four fifths of all runs": from_more_curves(choose + judge),
        "without a step of the loop": [a == b for a, b in zip(wanted, blind, strict=True)],
    }
    print()
    for name, hits in shares.items():
        print(f"{name}: {percent(wilson_interval(hits))} of {len(hits)}")
    right, ill, curves = (100 * np.mean(shares[name]) for name in ("right first", "healthy called ill",
                                                                   "from the loss curves alone"))
    if file:
        figure(wanted, found).savefig(file)
    print(f"right first: {right:.1f} %; healthy called ill: {ill:.1f} %; from the loss curves alone: {curves:.1f} %")


if __name__ == "__main__":
    main()
