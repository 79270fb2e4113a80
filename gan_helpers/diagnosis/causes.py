"""From measurements to causes: each cause with its sentence, its remedy and the bounds that give it away.

The limits were chosen on some seeds of the bank of broken GANs (`benchmarks.broken`) and judged on others
(`python -m benchmarks.diagnosis`). `findings` is a pure function: the same measurements give the same causes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

BELOW, ABOVE = "<", ">"
Bound = tuple[str, str, float]  # the name of a measurement, BELOW or ABOVE, the limit


@dataclass(frozen=True)
class Cause:
    """What can be wrong. It is found if all bounds of one of its `signs` hold; a measurement of NaN holds none."""

    key: str
    section: str  # of chapter 8, which explains it
    sentence: str
    remedy: str
    signs: tuple[tuple[Bound, ...], ...]

    def found(self, measured: Mapping[str, float]) -> tuple[Bound, ...] | None:
        """The first of its signs that the measurements show."""
        return next((sign for sign in self.signs if all(holds(bound, measured) for bound in sign)), None)


def holds(bound: Bound, measured: Mapping[str, float]) -> bool:
    """Whether a measurement is on this side of the limit."""
    name, side, limit = bound
    value = measured.get(name, math.nan)
    return value < limit if side == BELOW else value > limit


def derived(measured: Mapping[str, float]) -> dict[str, float]:
    """The measurements, and what follows from two of them."""
    m = {name: math.nan for name in USED} | dict(measured)
    return m | {
        "agreement": m["d_direction"] * m["g_direction"],
        "g_pull": abs(m["g_direction"]), "d_pull": abs(m["d_direction"]),
        "excess": m["distance"] - m["floor"],
        "gain": 1 - m["distance_best"] / m["distance_now"] if m["distance_now"] > 0 else math.nan,
        "lag": m["distance"] - m["distance_now"],  # of an average of G's weights behind G
        "lead": m["g_pace"] / m["d_pace"] if m["d_pace"] > 0 else math.nan,
        "misread": m["as_logits"] / m["as_probabilities"] if m["as_probabilities"] > 0 else math.nan,
        "certainty": m["d_real"] - m["d_fake"],
        "reach": math.hypot(m["mean_off"], m["std_ratio"]),
        "share": m["coverage"] / m["precision"] if m["precision"] > 0 else math.nan,
        "swing": m["distance_worst"] - m["distance_best"],
        "drift": 0.0 if math.isnan(m["path"]) else m["path"],
    }


USED = ("d_direction", "g_direction", "distance", "floor", "distance_best", "distance_now", "g_pace", "d_pace",
        "d_real", "d_fake", "as_logits", "as_probabilities", "precision", "coverage", "distance_worst", "path",
        "mean_off", "std_ratio")
APART = ("agreement", BELOW, -1e-4)
FAR = ("excess", ABOVE, 0.15)  # standard deviations of the data
OUT = ("reach", ABOVE, 0.75)  # how far fakes are from the mean of the data, as a share of how far the data are

LOOP = "The loop: who moves, and which way?"  # sections of chapter 8
NUMBERS = "The numbers: what goes in, what can come out?"
ANOTHER_D = "One half, or zero: ask another D"
STEP = "How far is a step?"
ALIKE = "All alike, or some missing"
SEEN = "Seen and new, training and evaluation"
STOP = "When to stop, and which step to keep"

CAUSES = (  # in this order: a cause above explains the ones below it
    Cause("nan", NUMBERS, "Some real samples hold NaN or Inf.",
          "Remove these samples, or fill in the values, before training; then start again with new networks.",
          ((("nan_share", ABOVE, 0),),)),
    Cause("optimizer", LOOP, "An optimizer does not move the weights of its own player.",
          "Give each player its own, Adam(generator.parameters(), ...) and Adam(discriminator.parameters(), ...), and "
          "call step() on both.",
          ((("g_held", BELOW, 0.5),), (("d_held", BELOW, 0.5),), (("shared", ABOVE, 0),))),
    Cause("rate too high", STEP, "A step changes fresh weights by a large part of their size.",
          "Divide the learning rate by ten, and again, until the losses no longer jump; start with new networks.",
          ((("g_finite", BELOW, 1),), (("d_finite", BELOW, 1),), (("g_pace", ABOVE, 0.7),),
           (("d_pace", ABOVE, 0.7),))),
    Cause("gradient cut", LOOP, "No gradient reaches the generator's weights.",
          "In G's half of the step pass the fakes to D as G made them: no detach(), no_grad(), .data or .item() on "
          "the way from G's weights to its loss.",
          ((("g_grad", BELOW, 1e-30), ("g_pull", BELOW, 1e-12)), (("d_grad", BELOW, 1e-30), ("d_pull", BELOW, 1e-12)))),
    Cause("gradients not cleared", LOOP, "Gradients of earlier steps are still there when an optimizer steps.",
          "Call zero_grad() of the player's own optimizer right before its backward().",
          ((("g_leftover", ABOVE, 0),), (("d_leftover", ABOVE, 0),))),
    Cause("labels swapped", LOOP, "G and D do not play against each other: one of them has its labels swapped.",
          "D: real 1, fakes 0. G: its fakes 1.",
          ((APART, ("d_order", BELOW, 0.9), ("d_pull", ABOVE, 0.2)), (APART, ("g_direction", BELOW, 0)))),
    Cause("probability as logit", NUMBERS, "D ends in a sigmoid, but the losses take its output for a logit.",
          "Leave the sigmoid out of D.",
          ((("d_bounded", ABOVE, 0), ("as_logits", BELOW, 0.001), ("misread", BELOW, 1)),
           (("d_bounded", ABOVE, 0), ("d_loss_least", ABOVE, 1.0), ("g_loss_least", ABOVE, 0.3)))),
    Cause("range", NUMBERS, "G's last layer cannot make the data, or makes values that never occur.",
          "Bring the data and G's last layer to one scale: [0, 1] for a sigmoid, [-1, 1] for tanh, standard units for "
          "a linear layer.",
          ((("outside", ABOVE, 0.02),), (("unused", ABOVE, 0),))),
    Cause("raw units", NUMBERS, "The data are in units far from 1, where new networks cannot see them.",
          "Train on (x - mean) / std and turn fakes back: data.from_samples(x) does both.",
          ((("data_size", ABOVE, 20),), (("data_size", BELOW, 0.02),))),
    Cause("few samples", SEEN, "The training set is small: D learns it by heart, and G can only return it.",
          "More data, or changes of them that do not matter; dropout in D, an R1 penalty; an earlier generator.",
          ((("repeated", ABOVE, 0.5), ("known", BELOW, 0.5)), (("train_auc", ABOVE, 0.6), ("floor", BELOW, 0.3)))),
    Cause("batch norm", SEEN, "G is measured in training mode: each fake depends on the others in its batch.",
          "Call generator.eval() before you draw samples to look at, and generator.train() before training goes on.",
          ((("batch_dependence", ABOVE, 0.02),),)),
    Cause("rate too low", STEP, "A step hardly changes the weights, and the fakes are far from the data.",
          "Multiply the learning rate by ten, and again, as long as the losses do not jump.",
          ((("g_pace", BELOW, 2e-4), ("d_pace", BELOW, 2e-4), FAR),)),
    Cause("D too weak", ANOTHER_D, "D cannot tell the data from their own mean, however long it learns.",
          "Give D a hidden layer or two.",
          ((("mean_auc", BELOW, 0.7), FAR),)),
    Cause("collapse", ALIKE, "The fakes are nearly alike, or G outruns D so far that they bunch together.",
          "Check that the noise is drawn anew and is not tiny; fewer steps or a lower rate for G; an R1 penalty.",
          ((("spread", BELOW, 0.02), ("spread_ahead", BELOW, 0.02)), (("lead", ABOVE, 8), FAR))),
    Cause("going round", STEP, "The fakes travel on and on, and come no nearer.",
          "No momentum (betas=(0, 0.9)), an R1 penalty, lower rates, an average of G's weights.",
          ((("path", ABOVE, 6), FAR), (("path", ABOVE, 2.5), ("swing", ABOVE, 0.3), FAR))),
    Cause("D too strong", ANOTHER_D, "D is sure of everything, and its slope gives G nothing to follow.",
          "Non-saturating loss, fewer steps or a lower rate for D, an R1 penalty.",
          ((("d_auc", ABOVE, 0.95), ("certainty", ABOVE, 5), ("g_signal", BELOW, 0.02), FAR),)),
    Cause("dropped modes", ALIKE, "The fakes look right, but a part of the data is missing among them.",
          "Shuffle the data; noise with more numbers; an R1 penalty; larger batches.",
          ((("floor", ABOVE, 0.3), ("repeated", BELOW, 0.5)), (("noise_kinds", BELOW, 0.5), FAR),
           (OUT, ("precision", ABOVE, 0.5), ("share", BELOW, 0.3), ("drift", BELOW, 2.5), FAR),
           (OUT, ("precision", ABOVE, 0.5), ("coverage", BELOW, 0.7), ("drift", BELOW, 1), FAR))),
    Cause("unfinished", STOP, "Nothing is broken: the fakes are still on their way. Train on.",
          "More steps, until the distance to the data no longer falls.",
          ((("gain", ABOVE, 0.05), FAR), (("path", ABOVE, 1), FAR), (("lag", ABOVE, 0.15),))),
)
UNEXPLAINED = Cause(  # if there is no other
    "unexplained", "All tests, all patients", "The fakes are far from the data, and no test says why.",
    "Train on, and ask again. If nothing changes, begin with a small GAN that works, and turn it into yours one change "
    "at a time.",
    ((("excess", ABOVE, 0.3),),))


WORDS = {  # what the measurements in the signs are called where people read them
    "nan_share": "share of samples with NaN or Inf", "g_finite": "G's weights finite (1 yes)",
    "d_finite": "D's weights finite (1 yes)", "g_held": "share of G's weights that an optimizer moves",
    "d_held": "share of D's weights that an optimizer moves", "shared": "share of weights that two optimizers hold",
    "g_pace": "step of a fresh G over its size", "d_pace": "step of a fresh D over its size",
    "g_grad": "largest gradient at G's weights", "d_grad": "largest gradient at D's weights",
    "g_pull": "what G's steps change in D's answers", "d_pull": "what D's steps change in its answers",
    "g_leftover": "old gradients left for G (1 yes)", "d_leftover": "old gradients left for D (1 yes)",
    "agreement": "D's direction times G's", "d_order": "real above fake after steps of a fresh D (AUC)",
    "g_direction": "rise of D's answers to fakes by G's steps", "d_bounded": "D's outputs in [0, 1] (1 yes)",
    "as_logits": "misfit to a loss of logits", "misread": "that, over the misfit to one of probabilities",
    "d_loss_least": "D's least loss", "g_loss_least": "G's least loss", "outside": "share of values out of G's reach",
    "unused": "half of G's range never real (1 yes)", "data_size": "root mean square of the data",
    "repeated": "share of repetitions among the data", "known": "share of held-out samples in the training set",
    "train_auc": "D puts seen above unseen (AUC)", "floor": "distance of the data to the held-out ones",
    "batch_dependence": "move of a fake with its batch", "mean_auc": "a fresh D tells the data from their mean (AUC)",
    "spread": "distance of two fakes over that of two real ones", "spread_ahead": "the same, some steps later",
    "lead": "pace of G over that of D", "path": "way of a fake in the next steps",
    "swing": "farthest less nearest in the next steps", "d_auc": "D puts real above fake (AUC)",
    "certainty": "D's logit for real less that for fake", "g_signal": "pull of G's loss at a fake",
    "precision": "share of fakes among the data (precision)", "coverage": "share of the data near a fake (coverage)",
    "share": "coverage over precision", "drift": "way of a fake in the next steps",
    "noise_kinds": "different noise vectors over different samples", "reach": "how far out fakes lie, over the data",
    "gain": "how much nearer the next steps come", "lag": "how far the average of G is behind it",
    "excess": "distance to the data, beyond chance",
}


def findings(measured: Mapping[str, float]) -> list[tuple[Cause, tuple[Bound, ...], dict[str, float]]]:
    """All causes that the measurements show, the likeliest first, each with its sign and the measurements in it."""
    values = derived(measured)
    found = [(cause, cause.found(values)) for cause in CAUSES]
    if not any(sign for _, sign in found):
        found = [(UNEXPLAINED, UNEXPLAINED.found(values))]
    return [(cause, sign, {name: values[name] for name, *_ in sign}) for cause, sign in found if sign is not None]


def keys(measured: Mapping[str, float]) -> list[str]:
    """The keys of all causes that the measurements show, the likeliest first: "collapse", "range" ..."""
    return [cause.key for cause, *_ in findings(measured)]
