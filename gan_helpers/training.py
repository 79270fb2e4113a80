"""Train one GAN: `train` plays a whole game of the moves in `steps`. Chapter 1 writes both out in full."""

from collections.abc import Callable, Iterable

from gan_helpers import _door
from gan_helpers.gan import GAN, build, check
from gan_helpers.loop import Loop
from gan_helpers.run import Diverged, Run

__all__ = ["Diverged", "Run", "train"]


def train(gan: GAN, steps: int, seed: int, *, watch: Callable[[Run], object] | None = None,
          watch_at: Iterable[int] = (), device="cpu", progress: bool = True, resume=None) -> Run:
    """Train one GAN from one seed; the same seed gives the same weights (chapter 1).

    A step is one move of both players, or, if gan.d_steps is set, one round of all their moves. watch(run) is called,
    without gradients, after each step named in `watch_at` (0: before the first); what it returns is kept in
    run.watched. device: where the networks live. progress: a bar once a second has passed. resume: a file in which
    the state is kept, once a minute and at the end; if it is there already, the run goes on from it, to the same
    weights as without the break. Raises Diverged if a loss becomes NaN or Inf, and ValueError or TypeError for bad
    input, before any step.
    """
    seed = _door.seed(seed)
    device, watch_at = check(gan, steps, seed, device), _door.moments(watch, watch_at, steps)
    return Loop(gan, steps, (seed,), build(gan, seed), device, resume).play(watch, watch_at, progress)
