import dataclasses
import re

import pytest
import torch
from torch import nn

from gan_helpers import recipes
from gan_helpers.diagnosis import diagnose, parts
from gan_helpers.training import train, train_many
from tests.diagnosis.shared import Own
from tests.helpers import rng


@pytest.mark.parametrize(("changes", "words"), [
    ({"generator": None}, "generator missing"), ({"noise": None, "real": None}, "real, noise missing"),
    ({"generator": lambda z: z}, "generator must be a torch.nn.Module"), ({"generator": nn.ReLU()}, "with weights"),
    ({"noise": torch.randn(5, 1)}, "noise must be a function"), ({"step": lambda batch: None}, "step is called as"),
    ({"real": [1.0, 2.0]}, "real must be a function"), ({"real": torch.arange(5)}, "real must hold at least 2"),
    ({"held_out": torch.zeros(1, 1)}, "held_out must hold"), ({"losses": [1.0]}, "losses must be two lists"),
    ({"batch_size": 1}, "batch_size must be at least 2"), ({"seed": -1}, "seed must be"),
])  # fmt: skip
def test_bad_parts_are_refused(changes, words):
    with pytest.raises((TypeError, ValueError), match=re.escape(words)):
        diagnose(**Own().parts(**changes))


def test_a_gan_and_parts_do_not_mix():
    run = train(recipes.COURSE, 1, 0, progress=False)
    with pytest.raises(TypeError, match="own generator"):
        diagnose(recipes.COURSE, run, generator=run.generator)
    with pytest.raises(TypeError, match="takes a GAN and its Run"):
        diagnose(recipes.COURSE)
    many = train_many(recipes.COURSE, 1, range(2), progress=False)
    with pytest.raises(TypeError, match="holds many runs"):
        diagnose(recipes.COURSE, many)


@pytest.mark.parametrize("d_steps", [0, 2])
def test_a_step_of_a_run_trains_copies(d_steps):
    gan = dataclasses.replace(recipes.COURSE, d_steps=d_steps, ema=0.0)
    run = train(gan, 2, 0, progress=False)
    before = [p.clone() for p in (*run.generator.parameters(), *run.discriminator.parameters())]
    found = parts.of_run(gan, run)
    copied = [p.clone() for p in found.trained.parameters()]
    found.step()
    after = [*run.generator.parameters(), *run.discriminator.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(copied, found.trained.parameters(), strict=True))


def test_rows_of_a_tensor_are_drawn_without_repetition_while_they_last():
    rows = torch.arange(10.0).unsqueeze(1)
    assert parts.rows_of(rows, 10, rng()).flatten().sort().values.tolist() == list(range(10))
    assert parts.rows_of(rows, 25, rng()).shape == (25, 1)
