"""A run that was interrupted and goes on from its file is, to the last bit, the run that was never interrupted."""

import dataclasses
import itertools
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from gan_helpers import data, discriminators, generators, layers, loop, losses, noise, recipes, resume
from gan_helpers.gan import GAN
from gan_helpers.training import Diverged, train, train_many

EVEN = GAN(data.even_numbers, noise.random_bits, generators.bit_generator, discriminators.linear_discriminator)
STEPS, SEEDS, BREAK = 20, (7, 0, 3, 11, 5), 13
STACKABLE = {
    "article": EVEN,
    "course": dataclasses.replace(recipes.COURSE, batch_size=16),
    "tanh/sigmoid": dataclasses.replace(recipes.MOMENTS, batch_size=20, d_steps=2, g_steps=3),
    "r1, clip": dataclasses.replace(EVEN, r1=0.1, clip=0.5, ema=0.9, decay=True, d_lr=0.01),
}


def dropping():  # draws from torch's global dice at every call, of D and G alike
    return nn.Sequential(nn.Linear(7, 16), nn.Dropout(0.5), nn.Linear(16, 7), nn.Sigmoid())


def normed():  # has buffers, which change at every call, besides its weights
    return nn.Sequential(nn.Linear(7, 8), nn.BatchNorm1d(8), nn.Dropout(0.2), nn.Linear(8, 1))


ALONE = STACKABLE | {"dropout": dataclasses.replace(EVEN, generator=dropping, discriminator=normed, ema=0.9)}


def look(run):
    """What the tests watch: tensors, numbers, texts and None, in lists, tuples and dicts."""
    weights = torch.cat([p.flatten() for p in run.generator.parameters()])
    return {"weights": weights, "dice": (torch.rand(2), run.steps_done, 0.5, "text", None, [True])}


def look_and_die(run):
    if run.steps_done == BREAK and run.seeds in {SEEDS[:1], SEEDS[2:4]}:
        os.kill(os.getpid(), signal.SIGKILL)
    return look(run)


class Interrupted(Exception):
    pass


def look_and_break(run):
    if run.steps_done == BREAK:
        raise Interrupted
    return look(run)


def alone(gan, path=None, watch=look, steps=STEPS, seed=SEEDS[0]):
    return train(gan, steps, seed, evaluate=watch, evaluate_at=range(0, steps + 1), progress=False, checkpoint=path)


def many(gan, path=None, watch=look, seeds=SEEDS, chunk=2):
    return train_many(gan, STEPS, seeds, evaluate=watch, evaluate_at=range(0, STEPS + 1), progress=False, chunk_size=chunk,
                      checkpoint=path)


def same(one, other) -> bool:
    """Whether two values are equal to the last bit, tensors and networks in them too, and of the same types."""
    if isinstance(one, nn.Module):
        return same(dict(one.state_dict()), dict(other.state_dict())) and same(repr(one), repr(other))
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one.isnan(), other.isnan()) and torch.equal(
            one.nan_to_num(), other.nan_to_num())
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def same_runs(one, other) -> bool:
    return all(same(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one))


@pytest.fixture
def often(monkeypatch):
    """The state is saved after every third step, so that a break loses some."""
    calls = []
    monkeypatch.setattr(resume.State, "due", lambda state: calls.append(state) or len(calls) % 3 == 0)


@pytest.fixture
def begun(tmp_path, often):
    """A file with a run of EVEN that was interrupted."""
    with pytest.raises(Interrupted):
        alone(EVEN, tmp_path / "run.pt", look_and_break)
    return tmp_path / "run.pt"


@pytest.mark.parametrize("gan", ALONE.values(), ids=ALONE)
def test_an_interrupted_run_goes_on_as_if_nothing_had_happened(gan, tmp_path, often):
    whole = alone(gan)
    with pytest.raises(Interrupted):
        alone(gan, tmp_path / "run.pt", look_and_break)
    state = torch.get_rng_state()
    assert same_runs(alone(gan, tmp_path / "run.pt"), whole)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("gan", ALONE.values(), ids=ALONE)
def test_keeping_the_state_changes_nothing(gan, tmp_path, often):
    assert same_runs(alone(gan, tmp_path / "new" / "folder" / "run.pt"), alone(gan))


@pytest.mark.parametrize("gan", STACKABLE.values(), ids=STACKABLE)
def test_interrupted_chunks_go_on_as_if_nothing_had_happened(gan, tmp_path, often):
    whole = many(gan)

    def breaks_in_the_second(run):
        return look_and_break(run) if run.seeds == SEEDS[2:4] else look(run)

    with pytest.raises(Interrupted):
        many(gan, tmp_path, breaks_in_the_second)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs_0.pt", "runs_2.pt"]
    assert same_runs(many(gan, tmp_path), whole)


KILLED = """
from tests import test_resume as t
t.resume.SAVE_EVERY = 0
t.{play}(t.ALONE[{name!r}], {path!r}, t.look_and_die)
"""


@pytest.mark.parametrize(("play", "name"), [(alone, "dropout"), (many, "course")])
def test_a_killed_run_goes_on_as_if_nothing_had_happened(play, name, tmp_path):
    path = str(tmp_path / "kept")
    code = KILLED.format(play=play.__name__, name=name, path=path)
    dead = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    assert same_runs(play(ALONE[name], path), play(ALONE[name]))


@pytest.mark.parametrize("play", [alone, many])
def test_a_finished_run_is_returned_and_not_trained_again(play, tmp_path, monkeypatch):
    path = tmp_path / "kept"
    first = play(EVEN, path)
    monkeypatch.setattr(loop, "step", lambda *_: pytest.fail("it trains again"))
    assert same_runs(play(EVEN, path, lambda run: pytest.fail("it looks again")), first)


def test_the_state_is_saved_at_the_end_and_once_a_minute(tmp_path, monkeypatch):
    saved, clock, save = [], [0.0], resume.State.save
    monkeypatch.setattr(resume.State, "save", lambda state, kept: saved.append(clock[0]) or save(state, kept))
    monkeypatch.setattr(resume.time, "monotonic", lambda: clock[0])

    def tick(n, rng):
        clock[0] += 11 * (n > 3)
        return data.even_numbers(n, rng)

    alone(dataclasses.replace(EVEN, real=tick), tmp_path / "run.pt", look)
    gaps = [b - a for a, b in itertools.pairwise(saved)]
    assert gaps[:-1] == [66] * (len(gaps) - 1)
    assert saved[-1] == clock[0]


OTHERS = {  # what is named in the refusal: what is other
    "lr": {"lr": 0.5}, "betas": {"betas": (0.5, 0.9)}, "batch_size": {"batch_size": 8}, "d_steps": {"d_steps": 1},
    "momentum": {"momentum": 0.9}, "clip": {"clip": 1.0}, "ema": {"ema": 0.5}, "d_lr": {"d_lr": 0.1},
    "decay": {"decay": True}, "r1": {"r1": 0.1}, "generator_loss": {"generator_loss": losses.minimax},
    "discriminator": {"discriminator": discriminators.hidden_discriminator},
    "noise": {"noise": lambda n, rng: noise.uniform(7 * n, rng).reshape(n, 7)},
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_of_other_settings_is_refused_and_stays(name, begun):
    kept = begun.read_bytes()
    with pytest.raises(ValueError, match=f"run.pt holds another run: there {name} is .*, here it is .*Pass another"):
        alone(dataclasses.replace(EVEN, **OTHERS[name]), begun)
    assert begun.read_bytes() == kept


@pytest.mark.parametrize(("name", "call"), [
    ("steps", lambda path: alone(EVEN, path, steps=STEPS + 1)), ("seeds", lambda path: alone(EVEN, path, seed=1)),
])  # fmt: skip
def test_a_file_of_other_steps_or_seeds_is_refused(name, call, begun):
    with pytest.raises(ValueError, match=f"another run: there {name} is .*Pass another file, or move this one away"):
        call(begun)


def test_chunks_of_another_size_are_refused(tmp_path):
    many(EVEN, tmp_path)
    with pytest.raises(ValueError, match=r"runs_0.pt holds another run: there seeds is \[7, 0\], here it is \[7, 0, 3"):
        many(EVEN, tmp_path, chunk_size=3)


def lambdas(activation=nn.Tanh, spread=1.0, scale=1.0):
    """Nameless parts of one recipe, which differ in what they do only."""
    return dataclasses.replace(
        EVEN, discriminator=lambda: nn.Sequential(nn.Linear(7, 4), activation(), nn.Linear(4, 1)),
        real=lambda n, rng: spread * data.even_numbers(n, rng), view=lambda batch: scale * batch,
        generator_loss=lambda logits: losses.non_saturating(scale * logits),
    )


@pytest.mark.parametrize("other", [{"activation": nn.ELU}, {"spread": 0.5}, {"scale": 2.0}])
def test_lambdas_that_do_something_else_are_told_apart(other, tmp_path, often):
    for play, path in ((alone, tmp_path / "run.pt"), (many, tmp_path / "runs")):
        play(lambdas(), path)
        assert same_runs(play(lambdas(), path), play(lambdas()))
        with pytest.raises(ValueError, match=r"holds another run: there (layers|probe) is"):
            play(lambdas(**other), path)


@pytest.mark.parametrize("damage", [
    lambda path: path.write_bytes(path.read_bytes()[:-200]), lambda path: path.write_bytes(b""),
    lambda path: path.write_text("my notes"), lambda path: torch.save(torch.zeros(3), path),
    lambda path: torch.save({"weights": 1}, path), lambda path: torch.save(nn.Linear(1, 1), path),
], ids=["cut short", "empty", "text", "tensor", "dict", "network"])  # fmt: skip
@pytest.mark.parametrize("play", [alone, many])
def test_a_file_that_is_no_saved_run_is_refused_and_stays(play, damage, tmp_path, often):
    play(EVEN, tmp_path / "run.pt")
    path = tmp_path / "run.pt" if play is alone else tmp_path / "run.pt" / "runs_2.pt"
    damage(path)
    kept = path.read_bytes()
    with pytest.raises(ValueError, match=rf"{path.name} cannot be read: .*Move it away to begin from nothing"):
        play(EVEN, tmp_path / "run.pt")
    assert path.read_bytes() == kept


def test_a_folder_is_no_file_and_a_file_no_folder(tmp_path):
    with pytest.raises(ValueError, match=r"is a folder\. Pass the name of a file"):
        alone(EVEN, tmp_path)
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(ValueError, match=r"is a file\. Pass a folder"):
        many(EVEN, tmp_path / "notes")
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]
    assert (tmp_path / "notes").read_text() == "mine"


@pytest.mark.parametrize("thing", [object(), nn.Linear(1, 1), {"a": [nn.Linear(1, 1)]}, torch.zeros(2).numpy()])
def test_what_a_file_cannot_keep_is_not_watched(thing, tmp_path):
    for play in (alone, many):
        with pytest.raises(TypeError, match=r"with resume, watch must return tensors, numbers.*it returned"):
            play(EVEN, tmp_path / play.__name__, lambda run: thing)
        assert play(EVEN, None, lambda run: thing).steps_done == STEPS


def test_a_break_in_the_middle_of_saving_leaves_the_earlier_file(begun, monkeypatch):
    kept, real_save = begun.read_bytes(), torch.save

    def half(what, path):
        real_save(what, path)
        Path(path).write_bytes(Path(path).read_bytes()[:1000])
        raise OSError("no space left")

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(OSError, match="no space left"):
        alone(EVEN, begun)
    assert begun.read_bytes() == kept
    monkeypatch.undo()
    assert same_runs(alone(EVEN, begun), alone(EVEN))


def test_a_run_that_diverges_does_so_again(tmp_path, often):
    gan = dataclasses.replace(EVEN, lr=1e29, generator=lambda: nn.Linear(7, 7))
    stops = []
    for _ in range(2):
        with pytest.raises(Diverged) as stop:
            alone(gan, tmp_path / "run.pt")
        stops.append(stop.value)
    assert str(stops[0]) == str(stops[1])
    assert same_runs(stops[0].run, stops[1].run)


def test_the_step_at_which_a_run_of_a_chunk_broke_down_is_kept(tmp_path, often):
    third = torch.Generator().manual_seed(0)  # as the run of seed 0 leaves it after its third real batch
    for sample in (EVEN.real, EVEN.noise) * 2 + (EVEN.real,):
        sample(EVEN.batch_size, third)

    def real(n, rng):
        bits = data.even_numbers(n, rng)
        return torch.full_like(bits, math.nan) if torch.equal(rng.get_state(), third.get_state()) else bits

    gan = dataclasses.replace(EVEN, real=real)
    whole = many(gan)
    assert whole.diverged == {0: 3}
    with pytest.raises(Interrupted):
        many(gan, tmp_path, look_and_break)
    assert same_runs(many(gan, tmp_path), whole)


def test_a_value_is_storable_if_every_part_of_it_is():
    assert resume.storable({"a": [1, (2.0, "b", None)], 3: torch.zeros(1), True: [[]]})
    for value in ({"a": {1}}, [lambda: 1], nn.Parameter(torch.zeros(1)), {layers.whole_batch: 1}):
        assert not resume.storable(value)
