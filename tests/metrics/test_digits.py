"""The classifier keeps its promise on the test images, and takes images only for what they are."""

import warnings

import pytest
import torch
from sklearn.metrics import accuracy_score

from gan_helpers import mnist
from gan_helpers.metrics import digits
from tools import train_classifier


@pytest.fixture(scope="module")
def test_set():
    return mnist.images("test", "[0, 1]")


def test_at_least_992_of_1000_test_images_are_named_right(test_set):
    assert accuracy_score(test_set.labels, digits.predict(test_set.pixels)) >= 0.992


def test_its_weights_are_small_and_plain():
    path = digits.files("gan_helpers.recorded") / "classifier.pt"
    assert len(path.read_bytes()) < 1_000_000
    weights = torch.load(path, weights_only=True)
    assert sum(w.numel() for w in weights.values()) == sum(p.numel() for p in digits.network().parameters())


def test_scale_and_layout_do_not_matter(test_set):
    wanted = digits.features(test_set.pixels[:50])
    assert wanted.shape == (50, 64) and wanted.min() >= 0
    flat = test_set.at(slice(0, 50))
    for given, scale in ((flat, "[0, 1]"), (2 * flat - 1, "[-1, 1]"), (flat.reshape(-1, 1, 28, 28), "[0, 1]"),
                         (flat.double().reshape(-1, 28, 28), "[0, 1]"),
                         (test_set.pixels[:50].reshape(50, 784), "[0, 1]")):
        assert torch.allclose(digits.features(given, scale), wanted, atol=1e-4)


def test_batches_and_order_do_not_matter(test_set, monkeypatch):
    whole = digits.probabilities(test_set.pixels[:30])
    assert torch.allclose(whole.sum(1), torch.ones(30))
    assert torch.equal(whole.argmax(1), digits.predict(test_set.pixels[:30]))
    monkeypatch.setattr(digits, "BATCH", 7)
    assert torch.allclose(digits.probabilities(test_set.pixels[:30]), whole, atol=1e-5)


def test_the_network_is_the_layers_it_is_made_of(test_set):
    """The logits, with convolution and pooling written out by unfolding."""
    weights = {name: w for name, w in digits.trained().state_dict().items()}
    x = test_set.at(slice(0, 3)).reshape(3, 1, 28, 28)
    for layer in ("0", "3", "6"):
        w, b, (n, _, size, _) = weights[f"{layer}.weight"], weights[f"{layer}.bias"], x.shape
        columns = torch.nn.functional.unfold(x, 3, padding=1)  # (n, ins * 9, size * size)
        x = (w.flatten(1) @ columns + b[:, None]).clamp(min=0).reshape(n, len(w), size, size)
        size = size // 2
        x = x[:, :, :2 * size, :2 * size].reshape(n, len(w), size, 2, size, 2).amax((3, 5))
    hidden = (x.flatten(1) @ weights["10.weight"].T + weights["10.bias"]).clamp(min=0)
    assert torch.allclose(digits.features(test_set.pixels[:3]), hidden, atol=1e-4)
    logits = hidden @ weights["13.weight"].T + weights["13.bias"]
    assert torch.allclose(digits.probabilities(test_set.pixels[:3]), logits.softmax(1), atol=1e-5)
    assert torch.allclose(digits.class_probabilities(hidden), logits.softmax(1), atol=1e-5)


@pytest.mark.parametrize("given", [torch.zeros(3, 784), torch.zeros(64), [[0.0] * 64]], ids=["images", "one", "list"])
def test_only_features_are_decided_on(given):
    with pytest.raises(ValueError, match=r"takes features, a tensor of shape \(n, 64\), got .+ For images, call"):
        digits.class_probabilities(given)


def test_images_are_what_to_gray_takes(test_set):
    wanted = digits.features(test_set.pixels[:50])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        some = mnist.Images(test_set.pixels[:50], test_set.labels[:50], "[-1, 1]")
        assert torch.equal(digits.features(some), wanted) and torch.equal(digits.features(some, "[0, 1]"), wanted)
        assert torch.equal(digits.predict(some), digits.predict(test_set.pixels[:50]))
    for function in (digits.features, digits.probabilities, digits.predict):
        with pytest.warns(UserWarning, match=r"probably in \[0, 1\]"):
            function(test_set.at(slice(0, 5)))
        with pytest.raises(ValueError, match=r"should lie in \[0, 1\].*look like \[-1, 1\]"):
            function(-test_set.at(slice(0, 5)), "[0, 1]")


def test_damaged_weights_are_refused_with_the_remedy(tmp_path, monkeypatch):
    for content in (None, b"", b"no weights"):
        if content is not None:
            (tmp_path / "classifier.pt").write_bytes(content)
        monkeypatch.setattr(digits, "files", lambda _: tmp_path)
        digits.trained.cache_clear()
        with pytest.raises(ValueError, match=r"weights cannot be read.*python -m tools\.train_classifier"):
            digits.trained()
    monkeypatch.undo()
    digits.trained.cache_clear()


def test_shifting_moves_and_never_invents():
    picture = torch.zeros(200, 28, 28)
    picture[:, 14, 14] = 1
    moved = train_classifier.shifted(picture, torch.Generator().manual_seed(0))
    rows, columns = moved.nonzero()[:, 1:].T
    assert torch.equal(moved.sum((1, 2)), torch.ones(200))
    assert set(rows.tolist()) == set(columns.tolist()) == {12, 13, 14, 15, 16}


def test_total_variation_by_hand():
    ones, twos = torch.ones(4, dtype=torch.long), torch.full((8,), 2)
    assert digits.total_variation(ones, twos) == 1
    assert digits.total_variation(ones, torch.cat([ones, twos[:4]])) == 0.5
    assert digits.total_variation(torch.arange(10), torch.arange(10).repeat(7)) == pytest.approx(0)
    assert digits.total_variation([1, 1, 2], [[1], [3], [3]]) == pytest.approx(2 / 3)


@pytest.mark.parametrize("bad", [[], [10], [-1], [1.5], [float("nan")]])
def test_what_is_no_digit_is_refused(bad):
    for given in ((bad, torch.arange(10)), (torch.arange(10), bad), (bad, bad)):
        with pytest.raises(ValueError, match="digits from 0 to 9"):
            digits.total_variation(*map(torch.as_tensor, given))
