"""The recording of the ablation of chapter 1 belongs to the code, and its command reprints it."""

import re
import subprocess
import sys

import pytest

from benchmarks import even_numbers as benchmark
from benchmarks import recording

pytestmark = pytest.mark.skipif(
    not benchmark.RECORD.exists(), reason="nothing is recorded; see benchmarks/even_numbers.py"
)


@pytest.fixture
def record():
    return recording.read(benchmark.RECORD)


def test_the_recording_was_made_with_the_settings_in_the_code(record):
    assert list(record) == list(benchmark.VARIANTS), "run: python -m benchmarks.even_numbers --run"
    for name, changes in benchmark.VARIANTS.items():
        assert record[name]["settings"] == benchmark.settings(changes), name


def test_the_recording_has_every_seed(record):
    for kept in record.values():
        assert {len(kept[column]) for column in ("only_even", "coverage", "entropy")} == {len(benchmark.SEEDS)}
        assert all(even in (0, 1) for even in kept["only_even"])
        assert all(0 <= numbers <= 64 for numbers in kept["coverage"])
        assert all(0 <= bits <= 7 for bits in kept["entropy"])


def test_the_command_reprints_the_table(record):
    before = benchmark.RECORD.read_bytes()
    command = [sys.executable, "-m", "benchmarks.even_numbers"]
    said = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=benchmark.RECORD.parent.parent.parent
    )
    rows = said.stdout.splitlines()
    assert len(rows) == 1 + len(record)
    for row, (name, kept) in zip(rows[1:], record.items(), strict=True):
        assert row.startswith(name)
        only_even, full, mean, least = re.fullmatch(
            r"\s+(\d+)%\s+(\d+)%\s+([\d.]+) \((\d+)\)\s+[\d.]+\s+[\d.]+", row.removeprefix(name)
        ).groups()
        runs = len(kept["coverage"])
        full_runs = [c == 64 and e == 1 for c, e in zip(kept["coverage"], kept["only_even"], strict=True)]
        assert abs(int(only_even) - 100 * sum(kept["only_even"]) / runs) <= 0.5
        assert abs(int(full) - 100 * sum(full_runs) / runs) <= 0.5
        assert abs(float(mean) - sum(kept["coverage"]) / runs) <= 0.051
        assert int(least) == min(kept["coverage"])
    assert benchmark.RECORD.read_bytes() == before


def test_settings_of_another_recipe_are_another_recording():
    assert benchmark.settings({"r1": 0.0}) != benchmark.settings({})
    assert benchmark.settings({"betas": (0.0, 0.99)}) == benchmark.settings({})
