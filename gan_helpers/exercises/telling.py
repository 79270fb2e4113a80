"""Comparing values, and telling how they differ."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from scipy import stats
from torch import nn

from gan_helpers.exercises import NotYet
from gan_helpers.exercises.guard import alike


def movement(before, after, name: str) -> torch.Tensor:
    """How far weights or gradients have moved, as one long vector; no gradient counts as 0."""
    rows = (list(part.values()) if isinstance(part, dict) else part for part in (before, after))
    try:
        pairs = [[torch.zeros(1) if x is None else x.double() for x in pair] for pair in zip(*rows, strict=True)]
        return torch.cat([(new - old).reshape(-1).double() for old, new in pairs])
    except (RuntimeError, ValueError) as error:
        raise NotYet(f"your function changes the shapes in {name}.") from error


def finite(value) -> bool:
    return not isinstance(value, torch.Tensor) or not value.is_floating_point() or bool(torch.isfinite(value).all())


def same(mine, wanted, near: float) -> bool:
    """Whether two parts agree: tensors up to `near` times the largest size in them or 1, all else exactly.

    Vectors (movements, slopes) whose entries are all small are compared with their largest entry instead of 1.
    """
    if isinstance(wanted, torch.Tensor) and isinstance(mine, torch.Tensor):
        if mine.shape != wanted.shape or mine.dtype != wanted.dtype:
            return False
        if not wanted.is_floating_point():
            return torch.equal(mine, wanted)
        sizes = wanted[torch.isfinite(wanted)].abs()
        scale = float(sizes.max()) if sizes.numel() else 1.0
        scale = min(1.0, max(scale, 1e-3)) if wanted.numel() > 1 else 1.0
        return torch.allclose(mine, wanted, near, near * scale, equal_nan=True)
    return alike(mine, wanted)


def first_difference(mine, wanted, near: float) -> tuple[str, str, str]:
    """Both values where they first differ, with digits enough to see it, and the place."""
    at = ""
    if isinstance(wanted, torch.Tensor) and isinstance(mine, torch.Tensor) and mine.shape == wanted.shape:
        if wanted.numel() > 1:
            off = [not same(a, b, near) for a, b in zip(mine.flatten(), wanted.flatten(), strict=True)]
            k = off.index(True) if True in off else int((mine - wanted).abs().argmax())
            place = [int(i) for i in np.unravel_index(k, tuple(wanted.shape))]
            at = f" at [{', '.join(map(str, place))}]"
            mine, wanted = mine.flatten()[k], wanted.flatten()[k]
        mine, wanted = mine.item(), wanted.item()
    for digits in range(5, 18):
        a, b = (f"{v:.{digits}g}" if isinstance(v, float) else f"{v!r:.80}" for v in (mine, wanted))
        if a != b:
            break
    return a, b, at


def how_moved(facet: str, mine: torch.Tensor, wanted: torch.Tensor) -> str:
    """How a movement differs from the right one: none, along it but of another length, or another direction."""
    who, _, what = facet.partition(".")
    went = "changed" if what == "grad" else "moved"
    what = "gradients of" if what == "grad" else "weights of" if what == "weights" else f"{what} of"
    if not finite(mine):
        return f"the {what} {who} became NaN or infinite."
    if not mine.any():
        return f"the {what} {who} {'have not changed' if went == 'changed' else 'did not move at all'}."
    if not wanted.any():
        return f"the {what} {who} {went}, and here they should not."
    cosine, times = float(mine @ wanted / mine.norm() / wanted.norm()), float(mine.norm() / wanted.norm())
    if abs(cosine) > 1 - 1e-5:
        far = "as far" if cosine < 0 and abs(times - 1) < 1e-3 else f"{times:.5g} times as far"
        way = "right" if cosine > 0 else "opposite"
        return f"the {what} {who} {went} in the {way} direction, {far} as they should."
    a, b, at = first_difference(mine, wanted, 1e-4)
    how = f"{went} in another direction than they should (cosine {cosine:.3f})" if cosine < 0.99 else \
        f"{went} in nearly the right direction, but not each by the right amount"
    return f"the {what} {who} {how}: entry {at[5:-1]} by {a}, it should be by {b}."


def buffer_off(network: nn.Module, mine: torch.Tensor, wanted: torch.Tensor, near: float) -> str:
    """What differs between two movements of all in state_dict(), where all the parameters moved rightly."""
    parameters, state = dict(network.named_parameters()), network.state_dict()
    rows = [part.split([value.numel() for value in state.values()]) for part in (mine, wanted)]
    off = {name: pair for name, *pair in zip(state, *rows, strict=True) if not same(*pair, near)}
    if not off or parameters.keys() & off.keys():
        return ""
    name, pair = next(iter(off.items()))
    a, b, _ = first_difference(*pair, 1e-4)
    return f"all parameters moved as they should, but the buffer {name} by {a}, and it should be by {b}."


def chance(keys: list, chances: Mapping) -> float:
    """The p-value of a chi-square test of draws against their chances; keys expected fewer than 5 times are merged."""
    counts = Counter(keys)
    if set(counts) - set(chances):
        return 0.0
    groups = [[0.0, 0]]
    for expected, seen in sorted((len(keys) * p, counts[key]) for key, p in chances.items()):
        if groups[-1][0] >= 5:
            groups.append([0.0, 0])
        groups[-1][0] += expected
        groups[-1][1] += seen
    return float(stats.chisquare([seen for _, seen in groups], [e for e, _ in groups]).pvalue)


def alike_in_law(first: list, second: list) -> bool:
    """Whether two large draws may be of one law: a chi-square test, or Kolmogorov and Smirnov's for many values."""
    a, b = Counter(first), Counter(second)
    if len({*a, *b}) > 500:
        return float(stats.ks_2samp(first, second).pvalue) > 1e-4
    table = np.array([[a[key], b[key]] for key in sorted({*a, *b}) if a[key] + b[key] > 10]).T
    return table.size > 0 and (table.shape[1] == 1 or float(stats.chi2_contingency(table).pvalue) > 1e-4)


def alike_for_two_seeds(before: Sequence, after: Sequence) -> str:
    """What to say of an answer that gave the same for two seeds, by the states of its two generators."""
    why = "nothing is drawn from rng. What is random should come from it, with no seed inside: generator=rng." \
        if any(map(torch.equal, before, after)) else "your function seeds rng. Draw from it as it is given." \
        if torch.equal(*after) else "what you draw from rng makes no difference to the result."
    return f"two seeds gave the same: {why}"


def a_kind(value) -> str:
    """What a value is: "a list", "an int"."""
    name = type(value).__name__
    spelled = name[:2] == "nd" or (name[:2].isupper() and name[0] in "FHLMNRSX")  # an ndarray, an SGD
    return f"{'an' if name[0] in 'aeioAEIO' or spelled else 'a'} {name}"


def brief(value, most: int) -> str:
    """The start of what Python prints for a value, with dots where it was cut off."""
    text = f"{value!r}"
    return text if len(text) <= most else f"{text[:most - 4]} ..."


def shown(value) -> str:
    """A value in few words: small ones by their entries, large ones by their shape."""
    if isinstance(value, torch.Tensor | np.ndarray):
        if value.size == 0 if isinstance(value, np.ndarray) else value.numel() == 0:
            return f"no numbers, shape {tuple(value.shape)}"
        small = (value.size if isinstance(value, np.ndarray) else value.numel()) <= 4
        return shown(value.tolist()) if small else f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, list | tuple):
        inner = ", ".join(map(shown, value[:6])) + ", ..." * (len(value) > 6)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, torch.optim.Optimizer):
        return type(value).__name__
    if isinstance(value, nn.Module):
        return "a network"
    return f"{value!r:.40}"
