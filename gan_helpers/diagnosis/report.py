"""`diagnose`, and what it returns: findings that print themselves and draw what they were found by."""

import html
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import nn

from gan_helpers import _validate
from gan_helpers.diagnosis import causes, figures
from gan_helpers.diagnosis.measure import measure
from gan_helpers.diagnosis.parts import Parts, of_loop, of_run
from gan_helpers.gan import GAN
from gan_helpers.training import Run

SHOWN = 400  # samples that a figure shows


def diagnose(gan: GAN | None = None, run: Run | None = None, *, generator: nn.Module | None = None,
             discriminator: nn.Module | None = None, real: Callable | torch.Tensor | None = None,
             noise: Callable | None = None, step: Callable[[], object] | None = None,
             held_out: Callable | torch.Tensor | None = None, losses: tuple | None = None, batch_size: int = 64,
             seed: int = 0) -> "Diagnosis":
    """Test a GAN and name what is wrong with it, the likeliest cause first.

    ``diagnose(gan, run)`` for a run of this package; ``diagnose(generator=..., discriminator=..., real=..., noise=...,
    step=...)`` for a loop of your own. real, held_out: samplers (n, rng), or tensors (n, features); noise: a sampler
    (n, rng). held_out: real samples that were not trained on; without them nobody can tell what was learned by heart.
    step: a function without arguments that makes one step of your loop, optimizers and all, on these two networks.
    Without it, nothing can be said of swapped labels, cut gradients, gradients not cleared, optimizers, learning rates,
    going round or not being finished: all of these show in what a step does, not in what it left behind.
    losses: (G's, D's), one number a step; they are drawn, and tell a probability taken for a logit if there is no step.

    Networks, optimizers, gradients, modes and torch's random state are afterwards as before: samples are judged on
    copies, `step` runs on your networks and is undone. What a step changes besides (a scheduler, a counter, a
    torch.Generator of your own) goes on by some 130 steps. Takes seconds for small networks. Raises TypeError or
    ValueError for parts that are missing or do not fit.
    """
    own = {"generator": generator, "discriminator": discriminator, "real": real, "noise": noise}
    if gan is not None or run is not None:
        if given := [name for name, value in (own | {"step": step, "losses": losses}).items() if value is not None]:
            raise TypeError(f"a GAN and its run have their own {', '.join(given)}. Pass either these two or parts.")
        parts = of_run(gan, run, held_out)
    else:
        if missing := [name for name, value in own.items() if value is None]:
            raise TypeError(f"diagnose needs a GAN and its run, or parts of your own: {', '.join(missing)} missing.")
        parts = of_loop(generator, discriminator, real, noise, held_out, step, losses, batch_size)
    return Diagnosis.of(parts, measure(parts, _validate.seed(seed)))


@dataclass(frozen=True, eq=False)
class Finding:
    """One cause: `key` and `sentence` name it; `measured` are the numbers that gave it away, `rule` the limits.

    section: the heading in chapter 8 under which it is explained.
    """

    key: str
    sentence: str
    measured: dict[str, float]
    rule: str
    remedy: str
    section: str
    signs: tuple = field(repr=False, default=())
    evidence: object = field(repr=False, default=None)

    def figure(self):
        """Draw real samples and fakes, and what was measured against its limits. Returns the figure."""
        return figures.finding(self.sentence, self.evidence, self.measured, self.signs)

    def __str__(self) -> str:
        return (f"{self.sentence}\n    measured: {self.rule}\n    try: {self.remedy}\n"
                f"    read: chapter 8, {self.section}")


class Diagnosis(list):
    """The findings, the likeliest first; empty if nothing is wrong. `measured`: all that was measured, by name."""

    measured: dict[str, float]

    @classmethod
    def of(cls, parts: Parts, measured: dict[str, float]) -> "Diagnosis":
        """The findings of these measurements; a few samples are kept to be drawn."""
        evidence = figures.evidence(parts, SHOWN)
        found = cls()
        found.measured = measured
        for cause, sign, values in causes.findings(measured):
            rule = "; ".join(f"{causes.WORDS[name]} {values[name]:.3g} ({side} {limit:g})"
                             for name, side, limit in sign)
            found.append(Finding(cause.key, cause.sentence, values, rule, cause.remedy, cause.section, sign, evidence))
        return found

    @property
    def first(self) -> str:
        """The key of the likeliest cause; "healthy" if nothing was found."""
        return self[0].key if self else "healthy"

    def __repr__(self) -> str:
        if not self:
            return f"Nothing found. {self.limits()}"
        return "\n".join(f"{i}. {finding}" for i, finding in enumerate(self, 1))

    def _repr_html_(self) -> str:
        if not self:
            return f"<p><strong>Nothing found.</strong> {html.escape(self.limits())}</p>"
        rows = "".join(
            f"<li><strong>{html.escape(f.sentence)}</strong><br>Measured: {html.escape(f.rule)}<br>"
            f"Try: {html.escape(f.remedy)}<br>Read: chapter 8, {html.escape(f.section)}</li>"
            for f in self)
        return f"<ol>{rows}</ol>"

    def limits(self) -> str:
        """What could not be tested."""
        untested = []
        if "g_update" not in self.measured:
            untested.append("the loop, since there is no step")
        if "train_auc" not in self.measured:
            untested.append("what was learned by heart, since there are no held-out data")
        return f"Not tested: {'; '.join(untested)}." if untested else "Everything was tested."
