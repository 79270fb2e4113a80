"""The classifier keeps its promise on the test images, and takes images only for what they are."""

import math

import pytest
import torch
from sklearn.metrics import accuracy_score

from gan_helpers import metrics, mnist
from tools import train_classifier


@pytest.fixture(scope="module")
def test_set():
    return mnist.images("test", "[0, 1]")


def test_at_least_992_of_1000_test_images_are_named_right(test_set):
    assert accuracy_score(test_set.labels, metrics.digits.predict(test_set.pixels)) >= 0.992


def test_its_weights_are_small_and_plain():
    path = metrics.digits.files("gan_helpers.recorded") / "classifier.pt"
    assert len(path.read_bytes()) < 1_000_000
    weights = torch.load(path, weights_only=True)
    assert sum(w.numel() for w in weights.values()) == sum(p.numel() for p in metrics.digits.network().parameters())


def test_scale_and_layout_do_not_matter(test_set):
    wanted = metrics.digits.features(test_set.pixels[:50])
    assert wanted.shape == (50, 64) and wanted.min() >= 0
    flat = test_set.at(slice(0, 50))
    for given, scale in ((flat, "[0, 1]"), (2 * flat - 1, "[-1, 1]"), (flat.reshape(-1, 1, 28, 28), "[0, 1]"),
                         (flat.double().reshape(-1, 28, 28), "[0, 1]"),
                         (test_set.pixels[:50].reshape(50, 784), "[0, 1]")):
        assert torch.allclose(metrics.digits.features(given, scale), wanted, atol=1e-4)


def test_batches_and_order_do_not_matter(test_set, monkeypatch):
    whole = metrics.digits.probabilities(test_set.pixels[:30])
    assert torch.allclose(whole.sum(1), torch.ones(30))
    assert torch.equal(whole.argmax(1), metrics.digits.predict(test_set.pixels[:30]))
    monkeypatch.setattr(classifier, "BATCH", 7)
    assert torch.allclose(metrics.digits.probabilities(test_set.pixels[:30]), whole, atol=1e-5)


def test_the_network_is_the_layers_it_is_made_of(test_set):
    """The logits, with convolution and pooling written out by unfolding."""
    weights = {name: w for name, w in metrics.digits.trained().state_dict().items()}
    x = test_set.at(slice(0, 3)).reshape(3, 1, 28, 28)
    for layer in ("0", "3", "6"):
        w, b, (n, _, size, _) = weights[f"{layer}.weight"], weights[f"{layer}.bias"], x.shape
        columns = torch.nn.functional.unfold(x, 3, padding=1)  # (n, ins * 9, size * size)
        x = (w.flatten(1) @ columns + b[:, None]).clamp(min=0).reshape(n, len(w), size, size)
        size = size // 2
        x = x[:, :, :2 * size, :2 * size].reshape(n, len(w), size, 2, size, 2).amax((3, 5))
    hidden = (x.flatten(1) @ weights["10.weight"].T + weights["10.bias"]).clamp(min=0)
    assert torch.allclose(metrics.digits.features(test_set.pixels[:3]), hidden, atol=1e-4)
    logits = hidden @ weights["13.weight"].T + weights["13.bias"]
    assert torch.allclose(metrics.digits.probabilities(test_set.pixels[:3]), logits.softmax(1), atol=1e-5)
    assert torch.allclose(metrics.digits.class_probabilities(hidden), logits.softmax(1), atol=1e-5)


@pytest.mark.parametrize("given", [torch.zeros(3, 784), torch.zeros(64), [[0.0] * 64]], ids=["images", "one", "list"])
def test_only_features_are_decided_on(given):
    with pytest.raises(ValueError, match=r"must be features, a tensor of shape \(n, 64\), got .+ For images: digits"):
        metrics.digits.class_probabilities(given)


FINE = torch.zeros(4, 784)


@pytest.mark.parametrize(("given", "scale", "error", "words"), [
    (FINE + 255, "[-1, 1]", ValueError, r"look like grey levels in \[0, 255\].*x / 127.5 - 1"),
    (FINE + 255, "[0, 1]", ValueError, r"\[0, 255\].*x / 255"),
    (FINE - 1, "[0, 1]", ValueError, r"look like \[-1, 1\].*\(x \+ 1\) / 2"),
    (FINE - 7, "[-1, 1]", ValueError, "reach from -7 to -7.*tanh"),
    (FINE * math.nan, "[0, 1]", ValueError, "NaN or Inf"),
    (FINE[:0], "[0, 1]", ValueError, "empty"),
    (FINE[0], "[0, 1]", ValueError, r"shape \(n, 784\).*got \(784,\)"),
    (FINE[:, :783], "[0, 1]", ValueError, r"got \(4, 783\)"),
    (FINE.long(), "[0, 1]", TypeError, "uint8 or floats, got torch.int64"),
    (FINE.numpy(), "[0, 1]", TypeError, "must be a tensor"),
    (FINE, "0..1", ValueError, "scale must be one of"),
])
def test_what_is_no_image_of_that_scale_is_refused(given, scale, error, words):
    with pytest.raises(error, match=words):
        metrics.digits.features(given, scale)


def test_damaged_weights_are_refused_with_the_remedy(tmp_path, monkeypatch):
    for content in (None, b"", b"no weights"):
        if content is not None:
            (tmp_path / "classifier.pt").write_bytes(content)
        monkeypatch.setattr(classifier, "files", lambda _: tmp_path)
        metrics.digits.trained.cache_clear()
        with pytest.raises(ValueError, match=r"weights cannot be read.*python -m tools\.train_classifier"):
            metrics.digits.trained()
    monkeypatch.undo()
    metrics.digits.trained.cache_clear()


def test_shifting_moves_and_never_invents():
    picture = torch.zeros(200, 28, 28)
    picture[:, 14, 14] = 1
    moved = train_classifier.shifted(picture, torch.Generator().manual_seed(0))
    rows, columns = moved.nonzero()[:, 1:].T
    assert torch.equal(moved.sum((1, 2)), torch.ones(200))
    assert set(rows.tolist()) == set(columns.tolist()) == {12, 13, 14, 15, 16}
