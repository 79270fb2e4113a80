"""Every recording belongs to the code, holds the numbers that the pages print, and is reprinted by its command."""

import importlib
import json
import runpy
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from benchmarks import many_runs, recorder
from gan_helpers import recorded

NAMES = ("even_numbers", "gray_pixel", "gaussian", "many_runs", "mnist_two_layers", "mnist_deeper", "measuring",
         "broken", "whats_wrong", "other_scripts")
CHECKSUMS = json.loads(Path(__file__).with_name("checksums.json").read_text("utf-8"))


@pytest.fixture
def said(monkeypatch, capsys):
    """The lines that a benchmark's command prints; it changes no file."""
    def lines(name):
        monkeypatch.setattr(sys, "argv", [name])
        monkeypatch.delitem(sys.modules, f"benchmarks.{name}", raising=False)  # run as a command does
        before = [(recorder.FOLDER / f"{name}{end}").read_bytes() for end in (".json", ".npz")]
        runpy.run_module(f"benchmarks.{name}", run_name="__main__")
        assert [(recorder.FOLDER / f"{name}{end}").read_bytes() for end in (".json", ".npz")] == before
        return capsys.readouterr().out.splitlines()
    return lines


def test_there_is_a_benchmark_for_every_recording():
    assert {path.stem for path in recorder.FOLDER.glob("*.json")} == set(NAMES) == set(CHECKSUMS)
    assert {path.stem for path in recorder.FOLDER.glob("*.npz")} == set(NAMES)


def test_what_the_package_carries_stays_small():
    """The recordings of chapters 5 to 7, with their generators, and all data that travel with the package."""
    kept = [path for path in recorder.FOLDER.iterdir() if path.suffix in (".json", ".npz")]
    assert sum(path.stat().st_size for path in kept if path.stem.startswith(("mnist", "measuring"))) < 6_000_000
    package = recorder.FOLDER.parent
    assert sum(path.stat().st_size for path in package.rglob("*") if path.suffix != ".pyc" and path.is_file()) < 25e6


@pytest.mark.parametrize("name", NAMES)
def test_every_row_was_made_with_the_settings_in_the_code(name):
    rows, facts = importlib.import_module(f"benchmarks.{name}").ROWS, recorded.about(name)
    assert list(facts) == list(rows), f"run: python -m benchmarks.{name} --run"
    for row, wanted in rows.items():
        assert facts[row]["settings"] == wanted.settings(), row
        assert {"made", "torch", "machine"} <= facts[row].keys()


@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_are_those_that_the_pages_were_written_with(name):
    """After a new --run the sentences around the numbers are to be read again; then run this file as a script."""
    assert checksums(name) == CHECKSUMS[name]


def checksums(name: str) -> dict[str, dict[str, str]]:
    """{row: {key: checksum of the values}}."""
    found = {row: {} for row in recorded.about(name)}
    for key, values in recorded.arrays(name).items():
        row = next(row for row in found if key.startswith(f"{row}/"))
        found[row][key.removeprefix(f"{row}/")] = f"{zlib.crc32(json.dumps(values.tolist()).encode()):08x}"
    return found


def share(hits) -> str:
    return f"{np.mean(hits):.0%}"


def interval(hits) -> str:
    low, high = binomtest(int(np.sum(hits)), len(hits)).proportion_ci(method="wilson")
    return f"{low:.0%} to {high:.0%}"


def assert_lines(lines, expected: dict[str, list]) -> None:
    """A line per name, in this order: it begins with the name, and has the values among its words."""
    for line, (name, values) in zip(lines, expected.items(), strict=True):
        assert line.startswith(f"{name} ")
        words = " ".join(line.removeprefix(name).split())
        for value in values:
            assert f" {value} " in f" {words} ", (line, value)


def test_the_command_reprints_the_even_numbers(said):
    runs, expected = recorded.runs("even_numbers"), {}
    for name in recorded.about("even_numbers"):
        coverage, even = (runs[key][name].to_numpy() for key in ("coverage", "only_even"))
        expected[name] = [f"{share(even)} {share((coverage == 64) & even)} {coverage.mean():.1f} ({coverage.min()})"]
    assert_lines(said("even_numbers")[1:], expected)


def test_the_command_reprints_the_gray_pixels(said):
    head, *lines = said("gray_pixel")
    arrays, rows = recorded.arrays("gray_pixel"), []
    for name, facts in recorded.about("gray_pixel").items():
        rows += [(name, step, arrays[f"{name}/jsd"][:, i]) for i, step in enumerate(facts["settings"]["evaluate_at"])]
    assert "median" in head
    for line, (name, step, jsd) in zip(lines, rows, strict=True):
        assert line.startswith(f"{name} ")
        at, *numbers = line.removeprefix(name).split()
        assert at == str(step)
        quantiles = np.quantile(jsd, [0, 0.1, 0.5, 0.9, 1])
        assert np.allclose([float(number) for number in numbers], quantiles, rtol=0, atol=6e-5)


def test_the_command_reprints_the_gaussians(said):
    runs, expected = recorded.runs("gaussian"), {}
    for name in recorded.about("gaussian"):
        mean, std, ends = (runs[key][name].to_numpy() for key in ("mean", "std", "wasserstein"))
        right = [abs(m - 4) < 0.5 and abs(s - 1.25) < 0.35 for m, s in zip(mean, std, strict=True)]
        expected[name] = [" ".join(share(hits) for hits in (right, ends < 0.25, ends < 0.1)),
                          f"{sorted(ends)[(len(ends) - 1) // 2]:.3f}"]
    head, *lines = said("gaussian")
    assert "W1 under 0.25" in head
    assert_lines(lines, expected)


def test_the_command_reprints_the_remedies_the_trials_and_the_result(said):
    lines, arrays = said("many_runs"), recorded.arrays("many_runs")
    tables = np.split(lines, [12, 24, 44])
    ends = {"bell curve": ("wasserstein", lambda w: w < 0.25), "ring": ("modes", lambda modes: modes == 8)}
    for (_, *table), (target, (key, rule)) in zip(tables, ends.items(), strict=False):
        hits = {name: rule(arrays[f"{target}: {name}/{key}"][:, -1].numpy()) for name in many_runs.REMEDIES}
        assert_lines(table, {name: [share(passed), interval(passed)] for name, passed in hits.items()})
    hits = {name: arrays[f"trial: {name}/wasserstein"].numpy() < 0.05 for name in many_runs.TRIALS}
    assert_lines(tables[2][1:], {name: [f"{passed.sum()} of 20", interval(passed)] for name, passed in hits.items()})
    assert lines[-1] == f"{int((arrays['result/wasserstein'] < 0.05).sum())} of 1000 seeds under 0.05"


@pytest.mark.parametrize("name", ["mnist_two_layers", "mnist_deeper"])
def test_the_command_reprints_every_row_of_mnist(name, said):
    lines, arrays = said(name), recorded.arrays(name)
    for row in recorded.about(name):
        (line,) = (line for line in lines if line.startswith(f"{row:30s} "))
        ends = sorted(arrays.get(f"{row}/ema_frechet", arrays[f"{row}/frechet"])[:, -1].tolist())
        assert f"({ends[0]:.1f}-{ends[-1]:.1f})" in line and f"{len(ends)} " in line


def test_the_command_reprints_the_draws_and_the_opinions_of_the_detectives(said):
    lines, arrays, row = said("measuring"), recorded.arrays("measuring"), "the best"
    keys = ("frechet", "excess", "low", "high")
    columns = (arrays[f"{row}/{key}"].reshape(20, -1)[:, -1].tolist() for key in keys)
    expected = {f"{row}, draw {seed:2d}": [f"{distance:.2f} {excess:.2f} ({low:.2f} to {high:.2f})"]
                for seed, (distance, excess, low, high) in enumerate(zip(*columns, strict=True))}
    assert_lines(lines[1:21], expected)
    assert lines[21].endswith(f" {recorded.about('measuring')[row]['pooled']:.2f}")
    ends = {name: [f"{arrays[f'{name}/{key}'][:, -1].mean():.3f}" for key in ("seen", "new", "fakes")]
            for name in recorded.about("measuring") if name != row}
    assert_lines(lines[-2:], {name: [" ".join(values)] for name, values in ends.items()})


if __name__ == "__main__":
    rows = json.dumps({name: checksums(name) for name in NAMES}, indent=0)
    Path(__file__).with_name("checksums.json").write_text(rows + "\n", "utf-8")
