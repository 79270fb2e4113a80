"""The recipe for the bell curve: its recording belongs to the code, its command reprints it, and it works live."""

import json
import math
import subprocess
import sys

import pytest

from benchmarks import gaussian_recipe as benchmark


@pytest.fixture(scope="module")
def record():
    return json.loads(benchmark.RECORD.read_text("utf-8"))


def test_the_recording_has_every_seed_once_and_the_settings_in_the_code(record):
    assert record["settings"] == benchmark.settings()
    assert sorted(map(int, record["chunks"])) == list(range(0, benchmark.SEEDS, benchmark.CHUNK))
    assert {len(chunk) for chunk in record["chunks"].values()} == {benchmark.CHUNK}


def test_the_recipe_draws_at_most_a_fortieth_of_the_sources_samples():
    assert benchmark.SOURCE_SAMPLES == 50_000_000
    assert benchmark.REAL_SAMPLES * 40 <= benchmark.SOURCE_SAMPLES


def test_the_command_ends_with_the_count(record):
    distances = [w for chunk in record["chunks"].values() for w in chunk]
    passed = sum(not math.isnan(w) and w < benchmark.PASS for w in distances)
    command = [sys.executable, "-m", "benchmarks.gaussian_recipe"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=benchmark.RECORD.parents[2])
    assert said.stdout.splitlines()[-1] == f"{passed} of 1000 seeds under 0.05"


def test_the_recipe_works_live(monkeypatch):
    # at the recorded rate (99 % or more), fewer than 5 of 8 has a chance below one in a million
    monkeypatch.setattr(benchmark, "CHUNK", 8)
    assert sum(w < benchmark.PASS for w in benchmark.distances(7000)) >= 5
