"""What several files of tests share."""

import torch


def rng(seed: int = 0) -> torch.Generator:
    """A random source with this seed."""
    return torch.Generator().manual_seed(seed)


def weights(network) -> int:
    """How many numbers training changes."""
    return sum(p.numel() for p in network.parameters())


def same_for_the_same_seed(sample, n: int = 50) -> bool:
    """Whether a seed alone decides what sample(n, rng) returns, and the global random state stays as it was."""
    before = torch.get_rng_state()
    first, other = sample(n, rng(1)), sample(n, rng(2))
    kept = torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(99)
    again = sample(n, rng(1))
    torch.set_rng_state(before)
    return kept and torch.equal(first, again) and not torch.equal(first, other)
