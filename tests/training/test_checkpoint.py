"""A run that was interrupted and resumes is, to the last bit, the run that never was; generators that are kept."""

import dataclasses
import functools
import itertools
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers import data, discriminators, generators, layers, losses, mnist, noise, recipes
from gan_helpers.training import Diverged, checkpoint, load_generator, save_generator, trainer, unstack
from tests.helpers import rng
from tests.training.shared import ARTICLE as EVEN
from tests.training.shared import many as all_at_once
from tests.training.shared import quiet

ROOT = Path(__file__).parents[2]
STEPS, SEEDS, BREAK = 20, (7, 0, 3, 11, 5), 13
STACKABLE = {
    "article": EVEN,
    "course": dataclasses.replace(recipes.COURSE, batch_size=16),
    "tanh/sigmoid": dataclasses.replace(recipes.TANH_SIGMOID, batch_size=20, d_steps=2, g_steps=3),
    "r1, clip": dataclasses.replace(EVEN, r1=0.1, clip=0.5, ema=0.9, decay=True, d_lr=0.01),
}


def dropping():  # draws from torch's global random state at every call, of D and G alike
    return nn.Sequential(nn.Linear(7, 16), nn.Dropout(0.5), nn.Linear(16, 7), nn.Sigmoid())


def normed():  # has buffers, which change at every call, besides its weights
    return nn.Sequential(nn.Linear(7, 8), nn.BatchNorm1d(8), nn.Dropout(0.2), nn.Linear(8, 1))


ALONE = STACKABLE | {"dropout": dataclasses.replace(EVEN, generator=dropping, discriminator=normed, ema=0.9)}


def look(run):
    """What the tests evaluate: tensors, numbers, strings and None, in lists, tuples and dicts."""
    weights = torch.cat([p.flatten() for p in run.generator.parameters()])
    return {"weights": weights, "random": (torch.rand(2), run.steps_done, 0.5, "text", None, [True])}


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


def alone(gan, path=None, evaluate=look, steps=STEPS, seed=SEEDS[0], **options):
    return quiet(gan, steps, seed, evaluate=evaluate, evaluate_at=range(0, steps + 1), checkpoint=path, **options)


def many(gan, path=None, evaluate=look, seeds=SEEDS, chunk_size=2, **options):
    return all_at_once(gan, STEPS, seeds, evaluate=evaluate, evaluate_at=range(0, STEPS + 1), chunk_size=chunk_size,
                       checkpoint=path, **options)


def same(one, other) -> bool:
    """Whether two values are equal to the last bit, tensors and networks in them too, and of the same types."""
    if isinstance(one, nn.Module):
        return same(dict(one.state_dict()), dict(other.state_dict())) and same(repr(one), repr(other))
    if dataclasses.is_dataclass(one):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one))
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one.isnan(), other.isnan()) and torch.equal(
            one.nan_to_num(), other.nan_to_num())
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@pytest.fixture
def often(monkeypatch):
    """The state is saved after every third step, so that a break loses some."""
    calls = []
    monkeypatch.setattr(checkpoint.Checkpoint, "due", lambda self: calls.append(self) or len(calls) % 3 == 0)


@pytest.fixture
def begun(tmp_path, often):
    """A file with a run of EVEN that was interrupted."""
    with pytest.raises(Interrupted):
        alone(EVEN, tmp_path / "run.pt", look_and_break)
    return tmp_path / "run.pt"


# --- a run that resumes ---


@pytest.mark.parametrize("gan", ALONE.values(), ids=ALONE)
def test_an_interrupted_run_resumes_as_if_nothing_had_happened(gan, tmp_path, often):
    """Whatever was drawn from torch's global random state in between."""
    whole = alone(gan)
    with pytest.raises(Interrupted):
        alone(gan, tmp_path / "run.pt", look_and_break)
    with torch.random.fork_rng():
        torch.manual_seed(4321)
        state = torch.get_rng_state()
        assert same(alone(gan, tmp_path / "run.pt"), whole)
        assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("gan", ALONE.values(), ids=ALONE)
def test_a_checkpoint_changes_nothing(gan, tmp_path, often):
    assert same(alone(gan, tmp_path / "new" / "folder" / "run.pt"), alone(gan))


@pytest.mark.parametrize("gan", STACKABLE.values(), ids=STACKABLE)
def test_interrupted_chunks_resume_as_if_nothing_had_happened(gan, tmp_path, often):
    whole = many(gan)

    def breaks_in_the_second(run):
        return look_and_break(run) if run.seeds == SEEDS[2:4] else look(run)

    with pytest.raises(Interrupted):
        many(gan, tmp_path, breaks_in_the_second)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs_0.pt", "runs_2.pt"]
    assert same(many(gan, tmp_path), whole)


KILLED = """
from gan_helpers.training import checkpoint
from tests.training import test_checkpoint as t
checkpoint.SAVE_EVERY = 0
t.{play}(t.ALONE[{name!r}], {path!r}, t.look_and_die)
"""


@pytest.mark.parametrize(("play", "name"), [(alone, "dropout"), (many, "course")])
def test_a_killed_run_resumes_as_if_nothing_had_happened(play, name, tmp_path):
    path = str(tmp_path / "kept")
    code = KILLED.format(play=play.__name__, name=name, path=path)
    dead = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    assert same(play(ALONE[name], path), play(ALONE[name]))


@pytest.mark.parametrize("play", [alone, many])
def test_a_finished_run_is_returned_and_not_trained_again(play, tmp_path, monkeypatch):
    path = tmp_path / "kept"
    first = play(EVEN, path)
    monkeypatch.setattr(trainer, "simultaneous_step", lambda *_: pytest.fail("it trains again"))
    assert same(play(EVEN, path, lambda run: pytest.fail("it evaluates again")), first)


def test_the_state_is_saved_at_the_end_and_once_a_minute(tmp_path, monkeypatch):
    saved, clock, save = [], [0.0], checkpoint.Checkpoint.save
    monkeypatch.setattr(checkpoint.Checkpoint, "save", lambda self, kept: saved.append(clock[0]) or save(self, kept))
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: clock[0])

    def tick(n, rng):
        clock[0] += 11
        return data.even_numbers(n, rng)

    alone(dataclasses.replace(EVEN, real=tick), tmp_path / "run.pt", look)
    gaps = [b - a for a, b in itertools.pairwise(saved)]
    assert len(gaps) == 3
    assert gaps[:-1] == [66] * (len(gaps) - 1)
    assert saved[-1] == clock[0]


# --- the best generator of a run that resumes ---


def middling(run):
    """Lowest at step 6, and at step 15 once more, but higher; for run i of many at step 6 + i."""
    step = run.steps_done
    values = torch.tensor([min(abs(step - 6 - i), abs(step - 15) + 0.5) for i in range(len(run.seeds))])
    return values if run.g_loss.dim() == 2 else values[0]


@pytest.mark.filterwarnings("ignore:run.best.value chose")
@pytest.mark.parametrize(("play", "name"), [(alone, "dropout"), (alone, "article"), (many, "r1, clip"),
                                            (many, "course")])
def test_the_best_generator_survives_an_interruption(play, name, tmp_path, often):
    whole = play(ALONE[name], keep_best=middling)
    assert whole.best.step == 6 if play is alone else whole.best.step.tolist() == [6, 7, 6, 7, 6]
    with pytest.raises(Interrupted):
        play(ALONE[name], tmp_path / "run", look_and_break, keep_best=middling)
    assert same(play(ALONE[name], tmp_path / "run", keep_best=middling), whole)
    finished = play(ALONE[name], tmp_path / "run", keep_best=lambda run: pytest.fail("it evaluates again"))
    assert same(finished, whole)


def test_a_run_that_kept_no_best_cannot_name_one_later(begun):
    with pytest.raises(ValueError, match=r"holds another run: there keep_best is 'not set', here it is \[0, 1, 2"):
        alone(EVEN, begun, keep_best=middling)


# --- files of something else ---

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
    with pytest.raises(ValueError, match=rf"run\.pt holds another run: there {name} is .*, here it is .*Pass another"):
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
    with pytest.raises(ValueError, match=r"runs_0\.pt holds another run: there seeds is \[7, 0\], here it is \[7, 0, "):
        many(EVEN, tmp_path, chunk_size=3)


def lambdas(activation=nn.Tanh, spread=1.0, scale=1.0):
    """Nameless parts of one recipe, which differ in what they do only."""
    return dataclasses.replace(
        EVEN, discriminator=lambda: nn.Sequential(
            layers.BatchFeatures(lambda batch: scale * batch), nn.Linear(7, 4), activation(), nn.Linear(4, 1)),
        real=lambda n, rng: spread * data.even_numbers(n, rng),
        generator_loss=lambda logits: losses.non_saturating(scale * logits),
    )


@pytest.mark.parametrize("other", [{"activation": nn.ELU}, {"spread": 0.5}, {"scale": 2.0}])
def test_lambdas_that_do_something_else_are_told_apart(other, tmp_path, often):
    for play, path in ((alone, tmp_path / "run.pt"), (many, tmp_path / "runs")):
        play(lambdas(), path)
        assert same(play(lambdas(), path), play(lambdas()))
        with pytest.raises(ValueError, match=r"holds another run: there (layers|fingerprint) is"):
            play(lambdas(**other), path)


DAMAGES = {
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-200]), "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("my notes"), "tensor": lambda path: torch.save(torch.zeros(3), path),
    "dict": lambda path: torch.save({"weights": 1}, path), "network": lambda path: torch.save(nn.Linear(1, 1), path),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("play", [alone, many])
def test_a_file_that_is_not_a_checkpoint_is_refused_and_stays(play, damage, tmp_path, often):
    play(EVEN, tmp_path / "run.pt")
    path = tmp_path / "run.pt" if play is alone else tmp_path / "run.pt" / "runs_2.pt"
    damage(path)
    kept = path.read_bytes()
    with pytest.raises(ValueError, match=rf"{path.name} cannot be read: .*Move it away to begin from nothing"):
        play(EVEN, tmp_path / "run.pt")
    assert path.read_bytes() == kept


def test_a_folder_is_not_a_file_and_a_file_not_a_folder(tmp_path):
    with pytest.raises(ValueError, match=r"is a folder\. Pass the name of a file"):
        alone(EVEN, tmp_path)
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(ValueError, match=r"is a file\. Pass a folder"):
        many(EVEN, tmp_path / "notes")
    for play in (alone, many):
        with pytest.raises(ValueError, match=r"cannot create '.*notes.*': part of its path is a file"):
            play(EVEN, tmp_path / "notes" / "run.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]
    assert (tmp_path / "notes").read_text() == "mine"


@pytest.mark.parametrize("thing", [object(), nn.Linear(1, 1), {"a": [nn.Linear(1, 1)]}, torch.zeros(2).numpy()])
def test_what_a_file_cannot_keep_must_not_be_returned_by_evaluate(thing, tmp_path):
    for play in (alone, many):
        with pytest.raises(TypeError, match=r"with checkpoint, evaluate must return tensors, numbers.*it returned"):
            play(EVEN, tmp_path / play.__name__, lambda run: thing)
        assert play(EVEN, None, lambda run: thing).steps_done == STEPS


def half_saved(monkeypatch):
    """From now on the disk is full."""
    real_save = torch.save

    def half(what, path):
        real_save(what, path)
        Path(path).write_bytes(Path(path).read_bytes()[:1000])
        raise OSError("no space left")

    monkeypatch.setattr(torch, "save", half)


def test_a_break_in_the_middle_of_saving_leaves_the_earlier_file(begun, monkeypatch):
    kept = begun.read_bytes()
    half_saved(monkeypatch)
    with pytest.raises(OSError, match="no space left"):
        alone(EVEN, begun)
    assert begun.read_bytes() == kept
    assert [path.name for path in begun.parent.iterdir()] == ["run.pt"]
    monkeypatch.undo()
    assert same(alone(EVEN, begun), alone(EVEN))


# --- runs that diverge ---


def test_a_run_that_diverges_does_so_again(tmp_path, often):
    gan = dataclasses.replace(EVEN, lr=1e29, generator=lambda: nn.Linear(7, 7))
    stops = []
    for _ in range(2):
        with pytest.raises(Diverged) as stop:
            alone(gan, tmp_path / "run.pt")
        stops.append(stop.value)
    assert str(stops[0]) == str(stops[1])
    assert same(stops[0].run, stops[1].run)


@pytest.mark.parametrize("bad", [{0}, {3, 11}])
def test_the_step_at_which_runs_of_a_chunk_diverged_is_kept(bad, tmp_path, often):
    """Alone in its chunk or not; in a chunk without a finite run the later evaluations are kept, too."""
    third = {}  # each run's random state after its third real batch
    for seed in bad:
        source = rng(seed)
        for sample in (EVEN.real, EVEN.noise) * 2 + (EVEN.real,):
            sample(EVEN.batch_size, source)
        third[seed] = source.get_state()

    def real(n, rng):
        bits = data.even_numbers(n, rng)
        broken = any(torch.equal(rng.get_state(), state) for state in third.values())
        return torch.full_like(bits, math.nan) if broken else bits

    gan = dataclasses.replace(EVEN, real=real, ema=0.9)
    whole = many(gan)
    assert whole.diverged == dict.fromkeys(bad, 3)
    with pytest.raises(Interrupted):
        many(gan, tmp_path, lambda run: look_and_break(run) if run.seeds == SEEDS[4:] else look(run))
    assert same(many(gan, tmp_path), whole)
    assert same(many(gan, tmp_path, lambda run: pytest.fail("it evaluates again")), whole)


def test_a_value_is_storable_if_every_part_of_it_is():
    assert checkpoint.storable({"a": [1, (2.0, "b", None)], 3: torch.zeros(1), True: [[]]})
    for value in ({"a": {1}}, [lambda: 1], nn.Parameter(torch.zeros(1)), {layers.whole_batch: 1}):
        assert not checkpoint.storable(value)


# --- generators to keep ---

FRESH = """
import sys, torch
from gan_helpers import generators, noise
from gan_helpers.training import load_generator
generator = load_generator(sys.argv[1], generators.bit_generator)
torch.save(generator(50, torch.Generator().manual_seed(0)), sys.argv[2])
"""


def build_normed():
    return generators.deep_generator(7, (16,), norm=nn.BatchNorm1d)


def test_a_generator_comes_back_in_a_fresh_process(tmp_path):
    run = quiet(dataclasses.replace(EVEN, ema=0.9), 30)
    for name in ("generator", "ema_generator"):
        path = tmp_path / "new" / f"{name}.pt"
        save_generator(path, getattr(run, name), EVEN.noise)
        subprocess.run([sys.executable, "-c", FRESH, path, tmp_path / "fakes.pt"], cwd=ROOT, check=True)
        with torch.no_grad():
            assert torch.equal(torch.load(tmp_path / "fakes.pt"), getattr(run, name)(noise.random_bits(50, rng())))
    assert not any(p.requires_grad for p in load_generator(path, generators.bit_generator).network.parameters())


SAMPLERS = {
    "by name": noise.random_bits, "partial": functools.partial(noise.uniform, low=-1.0, high=1.0, features=7),
    "numpy in a partial": functools.partial(noise.normal, features=np.int64(7)),
}


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
def test_the_noise_of_the_package_comes_back_with_its_settings(sampler, tmp_path):
    network = generators.bit_generator()
    state = torch.get_rng_state()
    save_generator(tmp_path / "g.pt", network, sampler)
    loaded = load_generator(tmp_path / "g.pt", generators.bit_generator)
    fakes = loaded(9, rng())
    assert torch.equal(torch.get_rng_state(), state)
    assert not fakes.requires_grad
    assert torch.equal(fakes, network(sampler(9, rng())).detach())


def normal(n, rng):
    """Of the same name as one of the package's."""
    return 5 + torch.randn(n, 7, generator=rng)


@pytest.mark.parametrize("own", [
    normal, lambda n, rng: torch.rand(n, 7, generator=rng), functools.partial(normal),
    functools.partial(lambda n, rng, width: torch.rand(n, width, generator=rng), width=7),
    lambda n, rng: functools.partial(noise.uniform)(n, rng, 0.0, 1.0, 7),
], ids=range(5))  # fmt: skip
def test_noise_of_ones_own_has_to_be_given_again(own, tmp_path):
    network = generators.bit_generator()
    save_generator(tmp_path / "g.pt", network, own)
    with pytest.raises(ValueError, match=r"wants noise from '.*', which is not one of gan_helpers\.noise\. Pass it: "):
        load_generator(tmp_path / "g.pt", generators.bit_generator)
    fakes = load_generator(tmp_path / "g.pt", generators.bit_generator, noise=own)(9, rng())
    assert torch.equal(fakes, network(own(9, rng())).detach())


@pytest.mark.parametrize("values", [
    100 + 9 * torch.randn(50, generator=rng()), torch.randn(50, 3, generator=rng()) * torch.tensor([1.0, 10, 100]),
    torch.randint(0, 256, (50, 4, 5), dtype=torch.uint8, generator=rng()),
    3 + torch.rand(50, 2, 3, generator=rng()),
], ids=["numbers", "features", "uint8 images", "float images"])  # fmt: skip
def test_samples_come_back_in_the_units_of_the_data(values, tmp_path):
    sampler, features = data.from_samples(values), values[0].numel()
    build = functools.partial(nn.Linear, 7, features)
    network = build()
    save_generator(tmp_path / "g.pt", network, noise.random_bits, sampler)
    fakes = load_generator(tmp_path / "g.pt", build)(9, rng())
    assert fakes.shape == (9, *values.shape[1:]) and fakes.dtype == values.dtype
    raw = network(noise.random_bits(9, rng())).detach()
    assert torch.equal(fakes, sampler.restore(raw))
    if values.dtype == torch.uint8:
        by_hand = ((raw.double() + 1) * 127.5).round().clamp(0, 255).reshape(9, 4, 5)
        assert (by_hand - fakes.double()).abs().max() <= 1
    elif values.dim() < 3:
        by_hand = raw * values.std(0, correction=0) + values.mean(0)
        assert torch.allclose(by_hand.reshape(fakes.shape), fakes, atol=1e-4)


def test_batch_norms_statistics_are_kept_and_the_generator_is_left_as_it_is(tmp_path):
    network = build_normed().train()
    for _ in range(5):
        network(torch.randn(20, 7) + 3)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    save_generator(tmp_path / "g.pt", network, functools.partial(noise.normal, features=7))
    assert network.training and same(dict(network.state_dict()), before)
    loaded = load_generator(tmp_path / "g.pt", build_normed)
    assert same(dict(loaded.network.state_dict()), before)
    assert loaded(1, rng()).shape == (1, 784)


def test_one_of_many_runs_can_be_kept_and_all_of_them_not(tmp_path):
    run = all_at_once(EVEN, 5)
    save_generator(tmp_path / "g.pt", unstack(run.generator, 1), EVEN.noise)
    loaded = load_generator(tmp_path / "g.pt", EVEN.generator)
    with torch.no_grad():
        assert torch.allclose(loaded(9, rng()), run.generator(EVEN.noise(9, rng()))[1], atol=1e-6)
    with pytest.raises(TypeError, match=r"many stacked runs\. Take one out first: unstack\(run\.generator, 0\)"):
        save_generator(tmp_path / "h.pt", run.generator, EVEN.noise)
    assert [path.name for path in tmp_path.iterdir()] == ["g.pt"]


@pytest.mark.parametrize(("arguments", "error", "says"), [
    ((generators.bit_generator, noise.random_bits), TypeError, r"generator must be a network.*Pass run\.generator"),
    ((nn.Linear(7, 7), noise.random_bits, mnist.digits), TypeError, "units must be a sampler that data"),
    ((nn.Linear(7, 7), torch.rand(5, 7)), TypeError, r"noise must be a function, to be called as noise\(n, rng\)"),
    ((nn.Linear(7, 7), lambda n: torch.rand(n, 7)), TypeError, r"noise is called as noise\(n, rng\)"),
    ((nn.Linear(7, 7), noise.normal), ValueError, r"the generator cannot take noise of shape \(2, 1\)"),
    ((nn.Linear(7, 7), noise.random_bits, data.from_samples(torch.rand(9, 3))), ValueError, "restore takes samples"),
    ((nn.Linear(7, 7), functools.partial(noise.uniform, low=2.0)), ValueError, "stopped with ValueError"),
])  # fmt: skip
def test_parts_that_do_not_fit_are_refused_and_nothing_is_written(arguments, error, says, tmp_path):
    with pytest.raises(error, match=says):
        save_generator(tmp_path / "new" / "g.pt", *arguments)
    assert list(tmp_path.iterdir()) == []


class Offset(nn.Sequential):
    """Its text does not show that it has another weight."""

    def __init__(self, size=1):
        super().__init__(nn.Linear(7, 7), nn.Sigmoid())
        self.offset = nn.Parameter(torch.zeros(size))


@pytest.mark.parametrize(("saved", "build"), [
    (generators.bit_generator, lambda: generators.bit_generator(5)),
    (generators.bit_generator, lambda: nn.Linear(7, 7)), (Offset, lambda: Offset(2)),
    (lambda: nn.Linear(7, 7), lambda: nn.Linear(7, 7, bias=False)),
])  # fmt: skip
def test_a_file_of_another_network_is_refused(saved, build, tmp_path):
    save_generator(tmp_path / "g.pt", saved(), noise.random_bits)
    with pytest.raises(ValueError, match=r"g\.pt holds another network than build\(\) makes: .*Pass the function"):
        load_generator(tmp_path / "g.pt", build)


def test_the_function_that_builds_is_asked_for_not_a_network(tmp_path):
    save_generator(tmp_path / "g.pt", nn.Linear(7, 7), noise.random_bits)
    with pytest.raises(TypeError, match="build must be a function that builds a network, got the network"):
        load_generator(tmp_path / "g.pt", nn.Linear(7, 7))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_refused_and_runs_no_code(damage, tmp_path):
    """A pickled network would; it is not read."""
    save_generator(tmp_path / "g.pt", generators.bit_generator(), noise.random_bits)
    damage(tmp_path / "g.pt")
    with pytest.raises(ValueError, match=r"g\.pt cannot be read: it is damaged, or not a generator that"):
        load_generator(tmp_path / "g.pt", generators.bit_generator)


def test_a_file_is_replaced_and_not_written_into(tmp_path):
    """So that whoever reads it meanwhile has the earlier one whole."""
    for network in (nn.Linear(7, 7), nn.Linear(7, 3)):
        save_generator(tmp_path / "g.pt", network, noise.random_bits)
        if network.out_features == 7:
            os.link(tmp_path / "g.pt", tmp_path / "earlier.pt")
    assert load_generator(tmp_path / "earlier.pt", lambda: nn.Linear(7, 7))(2, rng()).shape == (2, 7)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.pt"):
        load_generator(tmp_path / "nowhere.pt", generators.bit_generator)
    with pytest.raises(ValueError, match=r"is a folder\. Pass the name of a file"):
        save_generator(tmp_path, generators.bit_generator(), noise.random_bits)


def test_a_break_in_the_middle_of_writing_leaves_the_earlier_generator(tmp_path, monkeypatch):
    save_generator(tmp_path / "g.pt", generators.bit_generator(), noise.random_bits)
    kept = (tmp_path / "g.pt").read_bytes()
    half_saved(monkeypatch)
    with pytest.raises(OSError, match="no space left"):
        save_generator(tmp_path / "g.pt", generators.bit_generator(), noise.random_bits)
    assert (tmp_path / "g.pt").read_bytes() == kept
    assert [path.name for path in tmp_path.iterdir()] == ["g.pt"]
