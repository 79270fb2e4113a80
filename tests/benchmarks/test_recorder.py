"""The recorder trains what is missing and writes in one go; `recorded` reads it and refuses what is damaged."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks import even_numbers, recorder
from gan_helpers import recorded

SEEDS = range(3, 5)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty place for recordings, and one for checkpoints."""
    kept = tmp_path / "recorded"
    kept.mkdir()
    monkeypatch.setattr(recorder, "FOLDER", kept)
    monkeypatch.setattr(recorder, "WORK", tmp_path / "work")
    monkeypatch.setattr(recorded, "files", lambda name: kept)
    return kept


def row(steps=5, **more):
    return recorder.Row(even_numbers.REPAIRED, steps, SEEDS, **more)


def measured(by):
    return lambda name, row, folder: {"by": by, "w1": np.array([0.1, 0.2])}


def test_a_recording_is_replaced_in_one_go(folder):
    for value in (1, 2):
        recorder.write("some", {"a": {"value": value}}, {"a/x": np.array([value])})
    assert json.loads((folder / "some.json").read_text("utf-8")) == {"format": 2, "rows": {"a": {"value": 2}}}
    facts, arrays = recorder.read("some")
    assert facts == {"a": {"value": 2}} and {key: list(x) for key, x in arrays.items()} == {"a/x": [2]}
    assert {path.name for path in folder.iterdir()} == {"some.json", "some.npz"}


def test_a_list_stands_on_one_line_of_the_json(folder):
    recorder.write("some", {"a": row(evaluate_at=range(0, 100, 5)).settings()}, {})
    lines = (folder / "some.json").read_text("utf-8").splitlines()
    assert '   "evaluate_at": [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95]' in lines


def test_run_trains_what_is_missing_or_of_other_settings_and_keeps_the_rest(folder, monkeypatch):
    shown, rows = [], {"first": row(1), "second": row(2), "third": row(3)}
    old = {"third": rows["third"], "first": row(9)}
    recorder.record("some", old, measured("before"), ["third", "first"])
    monkeypatch.setattr(sys, "argv", ["some"])
    with pytest.raises(SystemExit, match="'first' was recorded with steps = 9"):
        recorder.main("some", "words", rows, measured("now"), lambda: shown.append("no"))
    monkeypatch.setattr(sys, "argv", ["some", "--run"])
    recorder.main("some", "words", rows, measured("now"), lambda: shown.append("yes"))
    facts = recorded.about("some")
    assert [(name, fact["by"]) for name, fact in facts.items()] == [
        ("first", "now"), ("second", "now"), ("third", "before")]
    assert {"settings", "made", "torch", "machine", "seconds", "by"} == facts["first"].keys()
    assert shown == ["yes"]


def test_run_with_names_trains_the_rows_that_begin_like_this(folder, monkeypatch):
    rows = {"long, a": row(1), "long, b": row(2), "short": row(3)}
    monkeypatch.setattr(sys, "argv", ["some", "--run", "long"])
    with pytest.raises(SystemExit, match="'short' is not recorded yet"):
        recorder.main("some", "words", rows, measured("now"), lambda: None)
    assert list(recorded.about("some")) == ["long, a", "long, b"]


def test_an_interrupted_row_resumes_and_leaves_no_checkpoint_behind(folder):
    def interrupted(name, row, work):
        row.train(work)
        assert [path.name for path in work.iterdir()] == ["runs_0.pt"]
        raise KeyboardInterrupt

    def resumed(name, row, work):
        assert [path.name for path in work.iterdir()] == ["runs_0.pt"]
        return {"loss": row.train(work).g_loss[-1]}

    with pytest.raises(KeyboardInterrupt):
        recorder.record("some", {"a row": row()}, interrupted, ["a row"])
    recorder.record("some", {"a row": row()}, resumed, ["a row"])
    assert not list((recorder.WORK / "some").iterdir())
    assert torch.equal(recorded.arrays("some")["a row/loss"], row().train(folder / "other").g_loss[-1])


def test_a_row_that_is_missing_or_of_other_settings_stops_the_command_in_words(folder):
    recorder.write("some", {"a row": {"settings": row(5).settings()}}, {})
    recorder.check("some", {"a row": row(5)})
    for wanted, says in ((row(6), "steps = 5, the code has 6"),
                         (row(5, more={"clip": 1}), "clip = 'not set', the code has 1")):
        with pytest.raises(SystemExit, match=f"'a row' was recorded with {says}. Run: .*benchmarks.some --run"):
            recorder.check("some", {"a row": wanted})
    with pytest.raises(SystemExit, match=r"'other' is not recorded yet. Run: python -m benchmarks.some --run"):
        recorder.check("some", {"other": row()})


def test_runs_have_a_line_per_seed_and_evaluations_one_per_step(folder):
    rows = {"a/b": row(evaluate_at=(0, 5)), "c": row()}

    def measure(name, row, work):
        during = {"w1": np.array([[1.0, 2.0], [3.0, 4.0]])} if row.evaluate_at else {}
        return {"end": np.array([7, 8]), "outputs": torch.zeros(2, 9), "weights/0": torch.zeros(2)} | during

    recorder.record("some", rows, measure, list(rows))
    frame = pd.DataFrame({"row": ["a/b", "a/b", "c", "c"], "seed": [3, 4, 3, 4], "end": [7, 8, 7, 8]})
    pd.testing.assert_frame_equal(recorded.runs("some").reset_index(), frame)
    frame = pd.DataFrame({"row": "a/b", "seed": [3, 3, 4, 4], "step": [0, 5, 0, 5], "w1": [1.0, 2.0, 3.0, 4.0]})
    pd.testing.assert_frame_equal(recorded.evaluations("some").reset_index(), frame)
    assert recorded.arrays("some").keys() == {
        "a/b/end", "a/b/outputs", "a/b/weights/0", "a/b/w1", "c/end", "c/outputs", "c/weights/0"}


def test_an_unknown_recording_is_named_with_those_that_are_there():
    with pytest.raises(ValueError, match=r"no recording 'bell'. There are: broken, even_numbers, gaussian"):
        recorded.runs("bell")


def test_a_row_without_weights_is_named_with_those_that_have_some():
    with pytest.raises(ValueError, match=r"no weights of 'none'.*There are: long, normal, long, uniform"):
        recorded.generator("mnist_two_layers", "none", torch.nn.Identity())


def test_a_damaged_recording_is_refused_with_the_remedy(folder):
    (folder / "gaussian.json").write_text('{"ELU": {"means": [1.0, ')
    with pytest.raises(ValueError, match=r"'gaussian' cannot be read.*python -m benchmarks.gaussian --run"):
        recorded.about("gaussian")


@pytest.mark.parametrize("kept", ['{"ELU": {}}', '{"format": 1, "rows": {}}', '{"format": 2, "rows": []}', "[]"])
def test_a_recording_of_another_version_is_refused_with_the_remedy(kept, folder):
    (folder / "gaussian.json").write_text(kept)
    for read in (recorded.about, recorder.read):
        with pytest.raises(ValueError, match=r"'gaussian' is of another version.*reads 2.*gaussian --run"):
            read("gaussian")


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 cut short"])
def test_damaged_arrays_are_refused_with_the_remedy(content, folder):
    (folder / "gaussian.json").write_text('{"format": 2, "rows": {}}')
    if content is not None:
        (folder / "gaussian.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"'gaussian' cannot be read.*benchmarks\.gaussian --run"):
        recorded.arrays("gaussian")
