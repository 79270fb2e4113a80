"""The recordings of chapters 5 to 7 belong to the code, agree with themselves, and their commands reprint them."""

import dataclasses
import re
import subprocess
import sys

import pytest
import torch

from benchmarks import mnist_quality, mnist_runs, mnist_speed, recording
from gan_helpers import generators, loop, mnist, recipes, recorded, steps

ROWS = [(group, name) for group, rows in mnist_runs.GROUPS.items() for name in rows]
REMADE = "python -m benchmarks.mnist_runs --run"


def said_by(module: str) -> list[str]:
    command = [sys.executable, "-m", f"benchmarks.{module}"]
    root = recording.FOLDER.parents[1]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=root).stdout.splitlines()


@pytest.fixture(scope="module")
def record():
    return recorded.load("mnist_runs")


@pytest.fixture(scope="module")
def arrays():
    return recorded.arrays("mnist_runs")


@pytest.mark.parametrize(("group", "name"), ROWS)
def test_a_row_was_made_with_the_settings_in_the_code_and_has_every_run(group, name, record, arrays):
    kept, row = record[group][name], mnist_runs.GROUPS[group][name]
    assert kept["settings"] == row.settings(), f"run: {REMADE} {group}"
    assert kept["looks"] == list(row.looks) and len(kept["runs"]) == len(row.seeds) == len(kept["seconds"])
    for run in kept["runs"]:
        assert len(run) == len(row.looks)
        for seen in run:
            assert sum(seen["g"]["digits"]) == 10_000 and seen["g"]["frechet"] > 0
            assert ("average" in seen) == (row.gan.ema > 0)
    if group == "long":
        assert arrays[f"{group}/{name}/samples"].shape == (len(row.looks), 16, 784)
    assert {"made", "torch", "machine"} <= kept.keys()


def test_the_groups_have_the_seeds_that_were_promised():
    assert {len(mnist_runs.GROUPS["noise"][name].seeds) for name in ("normal", "uniform")} == {10}
    assert all(len(row.seeds) >= 5 for group in ("noise", "ladder") for row in mnist_runs.GROUPS[group].values())
    assert all(row.steps == 100_000 and len(row.seeds) == 3 for row in mnist_runs.GROUPS["long"].values())


MODELS = {
    "two layers, normal noise": (generators.two_layer_generator, recipes.TWO_LAYERS, "[0, 1]", "g"),
    "two layers, uniform noise": (generators.two_layer_generator, recipes.TWO_LAYERS_UNIFORM, "[0, 1]", "g"),
    "the best": (recipes.BEST.generator, recipes.BEST, "[-1, 1]", "average"),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_kept_weights_make_what_was_recorded_at_the_end(name, record, arrays):
    """In half precision: the samples differ by less than a grey level or two, the distance by a few percent."""
    make, gan, scale, which = MODELS[name]
    generator = recorded.generator("mnist_runs", f"long/{name}", make())
    made = mnist_runs.fakes(generator, gan)
    last = record["long"][name]["runs"][0][-1][which]
    assert mnist_runs.measured(made, scale)["frechet"] == pytest.approx(last["frechet"], rel=0.05)
    shown = made[:16] if scale == "[0, 1]" else (made[:16] + 1) / 2
    kept = arrays[f"long/{name}/samples"][-1] / 255
    assert (shown - kept).abs().mean() < 0.02  # kept with 16 grey levels


def test_all_recordings_together_are_small():
    kept = [path for path in recording.FOLDER.iterdir() if path.suffix in (".json", ".npz")]
    assert sum(path.stat().st_size for path in kept) < 6_000_000


def test_the_command_reprints_every_row(record):
    lines = said_by("mnist_runs")
    for group, name in ROWS:
        (line,) = (line for line in lines if line.startswith(f"{name:30s} "))
        runs = record[group][name]["runs"]
        ends = sorted(run[-1].get("average", run[-1]["g"])["frechet"] for run in runs)
        assert f"({ends[0]:.1f}-{ends[-1]:.1f})" in line and f"{len(runs)} " in line


def test_the_best_matches_the_two_layers_best_within_5000_iterations(record, monkeypatch, capsys):
    monkeypatch.setattr(mnist_quality, "ROUNDS", 1)
    monkeypatch.setattr(mnist_quality, "STEPS", 2)
    mnist_quality.main()
    last = capsys.readouterr().out.splitlines()[-1]
    ratio = float(re.fullmatch(r"iterations ratio: ([\d.]+)", last)[1])
    least = min(seen["g"]["frechet"] for run in record["long"]["two layers, uniform noise"]["runs"] for seen in run)
    best, slowest = record["long"]["the best"], 0
    for run in best["runs"]:
        there = [at for at, seen in zip(best["looks"], run, strict=True) if seen["average"]["frechet"] <= least]
        slowest = max(slowest, there[0])
    assert ratio == pytest.approx(100_000 / slowest, abs=0.1) and slowest <= 5000


def test_every_run_of_the_best_ends_within_three_times_the_floor(record):
    floor = mnist_runs.measured(mnist.images("test").at(slice(None)), "[-1, 1]")["frechet"]
    assert all(run[-1]["average"]["frechet"] <= 3 * floor for run in record["long"]["the best"]["runs"])


def test_matching_is_the_first_look_that_is_as_good():
    assert mnist_quality.matching({0: 9.0, 200: 3.0, 100: 5.0, 300: 6.0}, 5.0) == 100
    assert mnist_quality.matching({0: 9.0}, 5.0) is None


def test_the_speed_command_ends_with_its_ratio(monkeypatch, capsys):
    monkeypatch.setattr(mnist_speed, "PAIRS", 1)
    monkeypatch.setattr(mnist_speed, "STEPS", 2)
    threads = torch.get_num_threads()
    mnist_speed.main()
    torch.set_num_threads(threads)
    *_, both, last = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"ratio in float32: [\d.]+; in bfloat16: [\d.]+", both)
    assert re.fullmatch(r"ratio: \d+\.\d\d", last)


def test_the_usual_way_shows_the_same_pixels():
    digits, pixels = mnist_speed.Digits(), mnist.images("train").pixels
    for index in (0, 7, 59_999):
        picture, _ = digits[index]
        assert picture.shape == (1, 28, 28)
        assert torch.allclose(picture[0], pixels[index].reshape(28, 28) / 127.5 - 1, atol=1e-6)


def test_the_usual_way_and_ours_play_the_same_game():
    """From the same weights, images and noise, the script's loop and ours follow the same slopes."""
    usual = mnist_speed.UsualWay(torch.device("cpu"))
    torch.manual_seed(0)
    real, noise = torch.rand(64, 784) * 2 - 1, torch.randn(64, 100)
    kept = [net.state_dict() for net in (usual.g, usual.d)]
    networks = mnist_speed.Generator(), mnist_speed.discriminator(torch.nn.Identity())
    for network, state in zip(networks, kept, strict=True):
        network.load_state_dict(state)
    gan = dataclasses.replace(mnist_speed.OURS, real=lambda n, rng: real, noise=lambda n, rng: noise,
                              generator=lambda: networks[0], discriminator=lambda: networks[1])
    usual.batches = iter([(real.reshape(64, 1, 28, 28), None)])
    usual_noise = noise.numpy().astype("float64")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnist_speed.np.random, "normal", lambda *_: usual_noise)
        usual(1)
    optimizers = [loop.optimizer(gan, network, gan.lr) for network in networks]
    steps.step(gan, *networks, *optimizers, lambda sampler, times: sampler(64, None))
    # compared before Adam, whose first step is the rate times a sign; the script halves D's loss
    for ours, theirs, times in zip(networks, (usual.g, usual.d), (1, 2), strict=True):
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.allclose(p.grad, times * q.grad, rtol=1e-3, atol=1e-6)
        assert max(p.grad.abs().max() for p in ours.parameters()) > 1e-4


def test_a_row_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(ValueError, match=r"no weights of 'long/none'.*long/the best"):
        recorded.generator("mnist_runs", "long/none", recipes.BEST.generator())


def test_damaged_arrays_are_refused_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(recorded, "files", lambda name: tmp_path)
    for content in (None, b"", b"PK\x03\x04 cut short"):
        if content is not None:
            (tmp_path / "mnist_runs.npz").write_bytes(content)
        with pytest.raises(ValueError, match=r"'mnist_runs' cannot be read.*benchmarks\.mnist_runs --run"):
            recorded.arrays("mnist_runs")
