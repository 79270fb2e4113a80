"""What single benchmarks record, per chapter: it agrees with itself, and small runs still give the same."""

import dataclasses
import json
import math

import joblib
import numpy as np
import pytest
import torch
from scipy.linalg import eigvals
from scipy.spatial.distance import jensenshannon
from scipy.stats import norm, truncnorm
from torch import nn

from benchmarks import (
    digits,
    even_numbers,
    gaussian,
    gray_pixel,
    many_runs,
    measuring,
    mnist_deeper,
    mnist_two_layers,
    recorder,
)
from gan_helpers import data, generators, metrics, mnist, noise, recipes, recorded
from gan_helpers.training import train_many, trainer


def test_even_numbers_have_every_seed_and_possible_values():
    runs = recorded.runs("even_numbers")
    assert (runs.groupby("row").size() == len(even_numbers.SEEDS)).all() and not runs.isna().any(axis=None)
    assert runs.only_even.dtype == bool
    assert runs.coverage.between(0, 64).all() and runs.entropy.between(0, 7).all()


def test_gray_pixels_have_every_seed():
    assert (recorded.evaluations("gray_pixel").groupby(["row", "step"]).size() == 200).all()
    assert (recorded.runs("gray_pixel").groupby("row").size() == 200).all()


@pytest.mark.parametrize("name", [name for name in gray_pixel.ROWS if "two peaks" in name])
def test_a_recorded_density_has_the_divergence_that_is_recorded_for_its_seed(name):
    arrays, target = recorded.arrays("gray_pixel"), gray_pixel.DENSITIES[gray_pixel.ROWS[name].gan.real]
    last, shown = arrays[f"{name}/jsd"][:, -1], (arrays[f"{name}/shown_seeds"], arrays[f"{name}/shown"])
    for rank, seed, density in zip(gray_pixel.RANKS, *shown, strict=True):
        divergence = last[seed - gray_pixel.SEEDS.start]
        assert divergence == last.sort().values[round(rank * (len(last) - 1))]
        by_scipy = jensenshannon(target(gray_pixel.SHOWN).numpy(), density) ** 2
        assert abs(divergence - by_scipy) < 0.01, seed  # two grids, and three digits


def test_gray_pixels_measured_again_are_as_recorded(tmp_path):
    seeds = range(1000, 1003)
    row = recorder.Row(gray_pixel.ROWS["one peak"].gan, 1, seeds, (0, 1))
    jsd = gray_pixel.measure("one peak", row, tmp_path)["jsd"]
    x, kept = np.linspace(-4, 5, 901), recorded.arrays("gray_pixel")["one peak/jsd"][:, 0]
    density = truncnorm(-1 / 0.35, 1 / 0.35, 0, 0.35).pdf(x)
    for i, seed in enumerate(seeds):
        torch.manual_seed(seed)
        untrained = nn.Linear(1, 1)  # G is built first
        by_scipy = jensenshannon(density, norm(untrained.bias.item(), abs(untrained.weight.item())).pdf(x)) ** 2
        assert abs(jsd[i, 0] - kept[i]) < 2e-4
        assert abs(by_scipy - kept[i]) < 2e-3
        assert jsd[i, 1] != kept[i]


@pytest.mark.parametrize("name", gaussian.ROWS)
def test_a_recorded_gaussian_has_every_seed_and_agrees_with_itself(name):
    arrays, runs, seeds = recorded.arrays("gaussian"), recorded.runs("gaussian").loc[name], gaussian.ROWS[name].seeds
    assert len(runs) == len(seeds) and not runs.isna().any(axis=None)
    assert {"mean", "std", "skewness", "kurtosis", "wasserstein", "ks"} == set(runs)
    assert arrays[f"{name}/means"].shape == arrays[f"{name}/stds"].shape == (len(seeds), gaussian.EVALUATIONS + 1)
    outputs = arrays[f"{name}/outputs"]
    assert outputs.shape == (len(seeds), 100)
    mean, std = arrays[f"{name}/mean"], arrays[f"{name}/std"]  # of 4,000 outputs; those recorded are 100 of these
    assert ((outputs.mean(1) - mean).abs() < 0.05 * std + 2e-3).all()
    assert ((outputs.std(1, correction=0) - std).abs() < 0.1 * std + 2e-3).all()
    assert torch.allclose(arrays[f"{name}/means"][:, -1], mean, atol=6e-3)  # the last evaluation is the end


def test_the_remedies_have_every_seed_and_a_cost():
    facts, seen = recorded.about("many_runs"), recorded.evaluations("many_runs")
    for target, columns in (("bell curve", ["wasserstein"]), ("ring", ["modes", "share"])):
        for remedy in many_runs.REMEDIES:
            row = f"{target}: {remedy}"
            assert len(seen.loc[row]) == 100 * len(facts[row]["settings"]["evaluate_at"])
            assert not seen.loc[row, columns].isna().any(axis=None) and facts[row]["relative_time"] > 0.9


def test_a_remedy_is_one_change():
    plain = many_runs.PLAIN.settings()
    for remedy in many_runs.REMEDIES:
        settings = many_runs.remedied("bell curve", remedy).settings()
        changed = {key for key, value in settings.items() if plain.get(key) != value}
        assert len(changed) == 1 or remedy in ("plain", "WGAN, weights clipped", "WGAN, gradient penalty"), remedy


def test_the_kept_weights_of_the_runs_taken_apart_make_what_was_recorded_at_the_end():
    arrays = recorded.arrays("many_runs")
    quantiles = ((torch.arange(1000) + 0.5) / 1000).unsqueeze(-1)
    for i in range(10):
        values = quantiles
        for layer in (0, 2, 4):
            weight, bias = (arrays[f"taken apart/generator/{layer}.{part}"][i] for part in ("weight", "bias"))
            values = values @ weight.mT + bias.flatten()
            values = values if layer == 4 else values.tanh()
        assert values.mean() == pytest.approx(arrays["taken apart/mean"][i, -1].item(), abs=1e-4)
        assert values.std(correction=0) == pytest.approx(arrays["taken apart/std"][i, -1].item(), abs=1e-4)


def test_every_trial_has_settings_of_its_own_and_other_seeds_than_the_result():
    trials = {name: row for name, row in many_runs.ROWS.items() if name.startswith("trial: ")}
    found = {name: json.dumps(row.settings()) for name, row in trials.items()}
    assert len(set(found.values())) == len(many_runs.TRIALS)
    result = many_runs.ROWS["result"]
    assert dataclasses.replace(result, seeds=many_runs.TRIAL_SEEDS) == trials["trial: the recipe"]
    assert result.seeds == range(1000) and not set(result.seeds) & set(many_runs.TRIAL_SEEDS)
    sizes = recorded.runs("many_runs").groupby("row").size()
    assert all(sizes[name] == 20 for name in trials) and sizes["result"] == 1000


def test_the_recipe_draws_at_most_a_fortieth_of_the_sources_samples():
    drawn = []

    def counted(n, rng):
        drawn.append(n)
        return recipes.standardized(n, rng)

    ours, theirs = many_runs.REAL_SAMPLES
    assert theirs == 5_000 * 20 * 500 == 50_000_000
    assert ours * 40 <= theirs
    train_many(dataclasses.replace(recipes.COURSE, real=counted), 10, [0], progress=False)
    a_round = drawn[-1]
    assert drawn[-10:] == [a_round] * 10
    assert 50_000 + recipes.COURSE_STEPS * a_round == ours


def distances(gan, steps, seeds, folder):
    return many_runs.distances(recorder.Row(gan, steps, seeds), folder)


def test_a_row_that_is_done_comes_from_its_file(tmp_path, monkeypatch):
    """That the recipe works, chapter 4 shows on eight new seeds whenever it runs."""
    found = distances(recipes.COURSE, 20, range(7000, 7003), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"runs_0.pt"}
    monkeypatch.setattr(trainer, "alternating_step", None)
    assert (distances(recipes.COURSE, 20, range(7000, 7003), tmp_path) == found).all()


def quantiles(low, high, mean, std):
    """A G that makes N(mean, std) of even noise from low to high, exactly: it is the quantile function."""

    class Probit(nn.Module):
        def forward(self, x):
            return torch.special.ndtri(x)

    def generator():
        network = nn.Sequential(nn.Linear(1, 1), Probit(), nn.Linear(1, 1))
        for layer, weight, bias in ((network[0], 1 / (high - low), -low / (high - low)), (network[2], std, mean)):
            layer.weight.data.fill_(weight)
            layer.bias.data.fill_(bias)
        return network

    return generator


@pytest.mark.parametrize(("changes", "place"), [
    ({}, (-math.sqrt(3), math.sqrt(3), 0, 1)),  # in standard units
    ({"real": data.gaussian, "noise": noise.uniform}, (0, 1, 4, 1.25)),  # in the units of the data
])  # fmt: skip
@pytest.mark.parametrize("shift", [0, 0.4])
def test_the_distance_of_a_shifted_quantile_function_is_its_shift(changes, place, shift, tmp_path):
    low, high, mean, std = place
    still = {"lr": 1e-20, "ema": 0.5, "generator": quantiles(low, high, mean + shift * std / 1.25, std)}
    found = distances(dataclasses.replace(recipes.COURSE, **still, **changes), 1, range(4), tmp_path)
    assert found == pytest.approx([shift] * 4, abs=0.015)


def test_the_distance_of_a_run_that_diverged_is_nan(tmp_path):
    def breaks(n, rng):
        return recipes.standardized(n, rng) * (math.nan if rng.initial_seed() == 2 and n > 3 else 1)

    gan = dataclasses.replace(recipes.COURSE, real=breaks)
    assert np.isnan(distances(gan, 2, range(4), tmp_path)).tolist() == [False, False, True, False]


@pytest.mark.parametrize("module", [mnist_two_layers, mnist_deeper])
def test_every_run_of_mnist_has_all_evaluations(module):
    arrays, seen = recorded.arrays(module.NAME), recorded.evaluations(module.NAME)
    for name, row in module.ROWS.items():
        counts = arrays[f"{name}/digit_counts"]
        assert (counts.sum(2) == 10_000).all() and counts.shape[:2] == (len(row.seeds), len(row.evaluate_at))
        assert (seen.frechet[name] > 0).all() and len(recorded.runs(module.NAME).loc[name]) == len(row.seeds)
        assert (seen.digits[name].to_numpy() == (counts >= 100).sum(2).flatten().numpy()).all()
        assert (f"{name}/ema_frechet" in arrays) == (row.gan.ema > 0)
        assert not seen.loc[name].dropna(axis=1, how="all").drop(columns=["d_loss", "g_loss"]).isna().any(axis=None)
        if name in module.LONG:
            assert arrays[f"{name}/samples"].shape == (len(row.evaluate_at), 16, 784)


def test_the_runs_on_mnist_have_the_seeds_that_were_promised():
    assert {len(mnist_two_layers.ROWS[name].seeds) for name in ("normal", "uniform")} == {10}
    assert all(len(row.seeds) >= 5 for rows in (mnist_two_layers.SHORT, mnist_deeper.LADDER) for row in rows.values())
    long = [*mnist_two_layers.LONG.values(), *mnist_deeper.LONG.values()]
    assert all(row.steps == 100_000 and len(row.seeds) == 3 for row in long)


MODELS = {
    "long, normal": ("mnist_two_layers", generators.two_layer_generator, recipes.TWO_LAYERS, "[0, 1]", "frechet"),
    "long, uniform": (
        "mnist_two_layers", generators.two_layer_generator, recipes.TWO_LAYERS_UNIFORM, "[0, 1]", "frechet"),
    "the best": ("mnist_deeper", recipes.BEST.generator, recipes.BEST, "[-1, 1]", "ema_frechet"),
}


@pytest.mark.parametrize("row", MODELS)
def test_the_kept_weights_make_what_was_recorded_at_the_end(row):
    """In half precision: the samples differ by less than a gray level or two, the distance by a few percent."""
    name, make, gan, scale, key = MODELS[row]
    made = digits.fakes(recorded.generator(name, row, make()), gan)
    arrays = recorded.arrays(name)
    assert digits.scale(gan) == scale
    assert digits.frechet_and_digits(made, scale)[0] == pytest.approx(arrays[f"{row}/{key}"][0, -1].item(), rel=0.05)
    shown = made[:16] if scale == "[0, 1]" else (made[:16] + 1) / 2
    assert (shown - arrays[f"{row}/samples"][-1] / 255).abs().mean() < 0.02  # kept with 16 gray levels


def test_a_run_on_mnist_is_measured_in_the_form_that_is_recorded(tmp_path):
    row = recorder.Row(dataclasses.replace(recipes.BEST, batch_size=8), 1, range(1), (0, 1))
    threads = torch.get_num_threads()
    with joblib.parallel_config(backend="sequential"):
        found = digits.measure("small", row, tmp_path, keep_samples=True, keep_generator=True)
    torch.set_num_threads(threads)
    arrays = recorded.arrays("mnist_deeper")
    kept = {key.removeprefix("the best/"): values for key, values in arrays.items() if key.startswith("the best/")}
    assert found.keys() == kept.keys()
    for key, values in found.items():
        assert np.ndim(values) == kept[key].dim(), key
    first = {key: np.asarray(found[key])[0, 0] for key in ("frechet", "spread", "digits")}  # before any training
    assert first == {key: pytest.approx(kept[key][0, 0].item(), rel=1e-3) for key in first}
    assert abs(found["samples"][0].astype(int) - kept["samples"][0].numpy()).max() <= 17


def test_every_run_of_the_best_ends_within_three_times_the_floor():
    floor, _ = digits.frechet_and_digits(mnist.images("test").at(slice(None)), "[-1, 1]")
    assert (recorded.evaluations("mnist_deeper").ema_frechet["the best"].xs(100_000, level="step") <= 3 * floor).all()


def by_scipy(mean_1, cov_1, mean_2, cov_2):
    roots = eigvals(cov_1.numpy() @ cov_2.numpy()).real.clip(min=0) ** 0.5
    return ((mean_1 - mean_2) ** 2).sum().item() + (cov_1 + cov_2).trace().item() - 2 * roots.sum()


def test_a_draw_of_the_best_measured_again_is_as_recorded():
    seed, sizes = 17, (5000, 10_000)
    row = measuring.ROWS["the best"]
    assert row.sizes[-2:] == sizes and seed in row.seeds
    found = dataclasses.replace(row, seeds=range(seed, seed + 1), sizes=sizes, resamples=20).measure()
    arrays = recorded.arrays("measuring")
    assert found["frechet"][0] == pytest.approx(arrays["the best/frechet"][seed, -2:].numpy(), rel=0.01)
    features = metrics.digits.features(measuring.drawn(10_000, torch.Generator().manual_seed(seed)))
    apart = by_scipy(*digits.reference(), *metrics.clouds.mean_and_covariance(features))
    assert found["pooled"] == pytest.approx(apart, abs=2e-3) == found["frechet"][0, 1]
    low, excess, high = (arrays[f"the best/{key}"][seed].item() for key in ("low", "excess", "high"))
    assert found["excess"][0] == pytest.approx(excess, rel=0.01)
    assert low < found["low"][0] + 0.3 and high > found["high"][0] - 0.3  # 20 resamples instead of 200


def test_the_draws_agree_with_each_other():
    arrays = recorded.arrays("measuring")
    frechet, excess = arrays["the best/frechet"], arrays["the best/excess"]
    assert frechet.shape == (20, 6) and (frechet.diff(dim=1) < 0).all(), "fewer samples, larger distance"
    floor = frechet[:, -1] - excess  # the test images, which are the same for all
    assert (floor - floor[0]).abs().max() < 3e-4
    assert recorded.about("measuring")["the best"]["pooled"] < frechet[:, -1].mean()


@pytest.mark.parametrize("name", [name for name in measuring.ROWS if name != "the best"])
def test_a_detective_trained_again_is_as_recorded(name):
    row, seed = measuring.ROWS[name], 3
    again = dataclasses.replace(row, seeds=range(seed, seed + 1), evaluate_at=row.evaluate_at[:2]).measure()
    kept = recorded.evaluations("measuring").loc[name]
    assert len(kept) == len(row.seeds) * len(row.evaluate_at) and kept.stack().between(0, 1).all()
    for key, values in again.items():
        assert values[0] == pytest.approx(kept[key][seed].iloc[:2].to_numpy(), abs=5e-3), key
