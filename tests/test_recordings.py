"""The recordings of chapters 2 to 4 belong to the code, their commands reprint them, and small runs still work."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon
from scipy.stats import binomtest, norm, truncnorm

from benchmarks import bell_curve, gray_pixel, many_runs, recording, remedies
from gan_helpers import recorded


def said_by(module: str) -> list[str]:
    command = [sys.executable, "-m", f"benchmarks.{module}"]
    root = recording.FOLDER.parents[1]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=root).stdout.splitlines()


def test_the_gray_pixels_were_made_with_the_settings_in_the_code():
    record = recorded.load("gray_pixel")
    assert list(record) == list(gray_pixel.ROWS), "run: python -m benchmarks.gray_pixel --run"
    for name, (gan, _, looks) in gray_pixel.ROWS.items():
        kept = record[name]
        assert kept["settings"] == gray_pixel.settings(gan, looks[-1]), name
        assert list(kept["jsd"]) == [str(i) for i in looks]
        assert {len(row) for row in (*kept["jsd"].values(), kept.get("right half", gray_pixel.SEEDS))} == {200}


@pytest.mark.parametrize("name", [name for name in gray_pixel.ROWS if "two peaks" in name])
def test_a_recorded_density_has_the_divergence_that_is_recorded_for_its_seed(name):
    kept, (_, target, looks) = recorded.load("gray_pixel")[name], gray_pixel.ROWS[name]
    last = kept["jsd"][str(looks[-1])]
    for place, share in gray_pixel.ORDER.items():
        shown = kept["shown"][place]
        divergence = last[shown["seed"] - gray_pixel.SEEDS.start]
        assert divergence == sorted(last)[round(share * (len(last) - 1))]
        by_scipy = jensenshannon(target(gray_pixel.SHOWN).numpy(), shown["density"]) ** 2
        assert abs(divergence - by_scipy) < 0.01, place  # two grids, and three digits


def test_the_gray_pixels_are_measured_anew_as_they_are_recorded(monkeypatch):
    monkeypatch.setattr(gray_pixel, "SEEDS", range(1000, 1003))
    row = gray_pixel.measure(*gray_pixel.ROWS["one peak"][:2], (0, 1))
    x, kept = np.linspace(-4, 5, 901), recorded.load("gray_pixel")["one peak"]["jsd"]["0"]
    data = truncnorm(-1 / 0.35, 1 / 0.35, 0, 0.35).pdf(x)
    for i, seed in enumerate(gray_pixel.SEEDS):
        torch.manual_seed(seed)
        untrained = torch.nn.Linear(1, 1)  # G is built first
        by_scipy = jensenshannon(data, norm(untrained.bias.item(), abs(untrained.weight.item())).pdf(x)) ** 2
        assert abs(row["jsd"]["0"][i] - kept[i]) < 2e-4
        assert abs(by_scipy - kept[i]) < 2e-3
        assert row["jsd"]["1"][i] != kept[i]


def test_the_command_reprints_the_gray_pixels():
    head, *lines = said_by("gray_pixel")
    rows = [(name, i, jsd) for name, kept in recorded.load("gray_pixel").items() for i, jsd in kept["jsd"].items()]
    assert "median" in head
    for line, (name, i, jsd) in zip(lines, rows, strict=True):
        assert line.startswith(f"{name} ")
        at, *numbers = line.removeprefix(name).split()
        assert at == i
        quantiles = np.quantile(jsd, [0, 0.1, 0.5, 0.9, 1])
        assert np.allclose([float(number) for number in numbers], quantiles, rtol=0, atol=6e-5)


def test_the_bell_curves_were_made_with_the_settings_in_the_code():
    record = recorded.load("bell_curve")
    assert list(record) == list(bell_curve.RECIPES), "run: python -m benchmarks.bell_curve --run"
    for name, (gan, steps, seeds) in bell_curve.RECIPES.items():
        assert record[name]["settings"] == recording.settings(gan, steps=steps, seeds=[seeds.start, seeds.stop]), name


@pytest.mark.parametrize("name", bell_curve.RECIPES)
def test_a_recorded_bell_curve_has_every_seed_and_agrees_with_itself(name):
    kept, seeds = recorded.load("bell_curve")[name], bell_curve.RECIPES[name][2]
    for column in ("means", "stds", "outputs", "moments", "wasserstein", "ks"):
        assert len(kept[column]) == len(seeds), column
    outputs, moments = torch.tensor(kept["outputs"]), torch.tensor(kept["moments"])
    assert outputs.shape == (len(seeds), 100)
    mean, std = moments.T[:2]  # of 4,000 outputs; the recorded outputs are 100 of these
    assert ((outputs.mean(1) - mean).abs() < 0.05 * std + 2e-3).all()
    assert ((outputs.std(1, correction=0) - std).abs() < 0.1 * std + 2e-3).all()
    assert torch.allclose(torch.tensor(kept["means"])[:, -1], mean, atol=6e-3)  # the last look is the end


def test_the_command_reprints_the_bell_curves():
    head, *rows = said_by("bell_curve")
    assert "W1 under 0.25" in head
    for row, (name, kept) in zip(rows, recorded.load("bell_curve").items(), strict=True):
        assert row.startswith(name)
        right, near, nearer, median, _ = re.fullmatch(
            r"\s+(\d+)%\s+(\d+)%\s+(\d+)%\s+([\d.]+)\s+([\d.]+)", row.removeprefix(name)).groups()
        ends = kept["wasserstein"]
        assert abs(int(near) - 100 * sum(w < 0.25 for w in ends) / len(ends)) <= 0.5
        assert abs(int(nearer) - 100 * sum(w < 0.1 for w in ends) / len(ends)) <= 0.5
        good = sum(abs(m - 4) < 0.5 and abs(s - 1.25) < 0.35 for m, s, *_ in kept["moments"])
        assert abs(int(right) - 100 * good / len(ends)) <= 0.5
        assert abs(float(median) - sorted(ends)[(len(ends) - 1) // 2]) < 1e-3


def test_the_remedies_were_made_with_the_settings_in_the_code():
    record = recorded.load("remedies")
    assert set(record) == {*remedies.TARGETS, "costs"}
    for target in remedies.TARGETS:
        assert list(record[target]) == list(remedies.REMEDIES), "run: python -m benchmarks.remedies --run"
        assert list(record["costs"][target]) == list(remedies.REMEDIES)
        for remedy, kept in record[target].items():
            assert kept["settings"] == remedies.settings(target, remedy), (target, remedy)
            for column in ("distance",) if target == "bell curve" else ("modes", "share"):
                assert [len(row) for row in kept[column]] == [len(kept["at"])] * len(remedies.SEEDS)


def test_the_command_reprints_the_remedies():
    lines, record = said_by("remedies"), recorded.load("remedies")
    assert len(lines) == 2 * (1 + len(remedies.REMEDIES))
    for line in lines:
        for remedy in remedies.REMEDIES:
            if line.startswith(f"{remedy} "):
                target = "bell curve" if lines.index(line) <= len(remedies.REMEDIES) else "ring"
                good = remedies.passed(target, record[target][remedy])
                low, high = binomtest(sum(good), len(good)).proportion_ci(method="wilson")
                assert f"{sum(good) / len(good):.0%}" in line
                assert f"{low:.0%} to {high:4.0%}" in line


def test_a_remedy_is_one_change():
    plain = remedies.PLAIN.settings()
    for remedy in remedies.REMEDIES:
        changed = {key for key, value in remedies.recipe("bell curve", remedy).settings().items()
                   if plain.get(key) != value}
        assert len(changed) == 1 or remedy in ("plain", "WGAN, weights clipped", "WGAN, gradient penalty"), remedy


def test_many_runs_ends_with_the_ratio(monkeypatch, capsys):
    monkeypatch.setattr(many_runs, "PAIRS", 1)
    monkeypatch.setattr(many_runs, "RUNS", 4)
    monkeypatch.setattr(many_runs, "RECIPES", tuple((*row[:4], 20, 5) for row in many_runs.RECIPES))
    threads = torch.get_num_threads()
    many_runs.main()
    assert torch.get_num_threads() == threads
    assert re.fullmatch(r"ratio per run: \d+\.\d", capsys.readouterr().out.splitlines()[-1])


def test_a_recording_is_replaced_in_one_go(tmp_path):
    path = tmp_path / "some.json"
    recording.write(path, {"a": 1})
    recording.write(path, {"a": 2})
    assert json.loads(path.read_text("utf-8")) == {"format": 1, "rows": {"a": 2}}
    assert recording.read(path) == {"a": 2}
    assert list(tmp_path.iterdir()) == [path]


def test_run_trains_what_is_missing_or_of_other_settings_and_keeps_the_rest(tmp_path, monkeypatch):
    path, wanted = tmp_path / "some.json", {"first": {"lr": 1}, "second": {"lr": 2}, "third": {"lr": 3}}
    old = {"third": {"settings": {"lr": 3}, "by": "before"}, "first": {"settings": {"lr": 9}, "by": "before"}}
    recording.write(path, old)

    def measure(name):
        return {"settings": wanted[name], "by": "now"}

    monkeypatch.setattr(sys, "argv", ["some"])
    assert recording.updated(path, "words", wanted, measure) == old == recording.read(path)
    monkeypatch.setattr(sys, "argv", ["some", "--run"])
    recording.updated(path, "words", wanted, measure)
    assert [(name, row["by"]) for name, row in recording.read(path).items()] == [
        ("first", "now"), ("second", "now"), ("third", "before")]


def test_a_row_that_is_missing_or_of_other_settings_stops_the_command_in_words():
    settings = {"lr": 0.1, "steps": 5}
    recording.current({"settings": settings}, dict(settings), "a row", "python -m x --run")
    with pytest.raises(SystemExit, match=r"'a row' is not recorded yet. Run: python -m x --run"):
        recording.current(None, settings, "a row", "python -m x --run")
    with pytest.raises(SystemExit, match=r"'a row' was recorded with lr = 0.2, the code has 0.1. Run"):
        recording.current({"settings": settings | {"lr": 0.2}}, settings, "a row", "python -m x --run")
    with pytest.raises(SystemExit, match=r"with r1 = 'not set', the code has 1.0"):
        recording.current({"settings": settings}, settings | {"r1": 1.0}, "a row", "python -m x --run")


def test_a_damaged_recording_is_refused_with_the_remedy(tmp_path, monkeypatch):
    (tmp_path / "bell_curve.json").write_text('{"ELU": {"means": [1.0, ')
    monkeypatch.setattr(recorded, "files", lambda name: tmp_path)
    with pytest.raises(ValueError, match=r"'bell_curve' cannot be read.*python -m benchmarks.bell_curve --run"):
        recorded.load("bell_curve")


@pytest.mark.parametrize("kept", ['{"ELU": {}}', '{"format": 2, "rows": {}}', '{"format": 1, "rows": []}', "[]"])
def test_a_recording_of_another_version_is_refused_with_the_remedy(kept, tmp_path, monkeypatch):
    (tmp_path / "bell_curve.json").write_text(kept)
    monkeypatch.setattr(recorded, "files", lambda name: tmp_path)
    with pytest.raises(ValueError, match=r"'bell_curve' is of another version.*reads 1.*bell_curve --run"):
        recorded.load("bell_curve")
    with pytest.raises(ValueError, match="another version"):
        recording.read(tmp_path / "bell_curve.json")
