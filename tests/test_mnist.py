"""MNIST as it was published, drawn by index, scaled and laid out as named; anything else in its place is refused."""

import hashlib
import io
import math
import warnings
import zlib

import numpy as np
import pytest
import torch

from gan_helpers import mnist
from tests.helpers import rng, same_for_the_same_seed
from tools import make_mnist


@pytest.fixture(scope="module")
def published():
    return {name: mnist.read(name) for name in mnist.SHA256}


@pytest.mark.parametrize(("name", "axes"), [("x_train", 3), ("y_train", 1), ("x_test", 3), ("y_test", 1)])
def test_with_the_head_of_an_idx_file_the_arrays_are_the_published_files(published, name, axes):
    array = published[name]
    head = bytes([0, 0, 8, axes]) + b"".join(int(size).to_bytes(4, "big") for size in array.shape)
    assert hashlib.sha256(head + array.tobytes()).hexdigest() == mnist.SHA256[name]


def test_the_script_makes_the_same_bytes_again(published):
    content = make_mnist.packed(published)
    with np.load(io.BytesIO(content)) as again:
        assert all(np.array_equal(again[name], published[name]) for name in published)
    if zlib.ZLIB_RUNTIME_VERSION == "1.2.13":  # another version may pack the same arrays otherwise
        assert content == make_mnist.TARGET.read_bytes()


def test_the_script_refuses_a_file_that_is_not_the_published_one(published, tmp_path):
    labels = bytes([0, 0, 8, 1]) + (10_000).to_bytes(4, "big") + published["y_test"].tobytes()
    assert np.array_equal(make_mnist.array("y_test", labels), published["y_test"])
    for wrong in (labels[:-1], labels + b"\0", labels[:-1] + b"\x0b", b"", b"<!DOCTYPE html>" * 9):
        with pytest.raises(ValueError, match=r"t10k-labels.*not the published file"):
            make_mnist.array("y_test", wrong)


def test_seventy_thousand_images_of_ten_digits(published):
    train, test = mnist.images("train"), mnist.images("test")
    assert train.pixels.shape == (60_000, 28, 28) and test.pixels.shape == (10_000, 28, 28)
    assert train.pixels.dtype == torch.uint8 and len(train) == 60_000
    assert train.labels[:6].tolist() == [5, 0, 4, 1, 9, 2]  # as anybody who has opened MNIST knows
    assert torch.bincount(test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.parametrize(("scale", "by", "add"), [("[0, 1]", 255, 0), ("[-1, 1]", 127.5, -1)])
@pytest.mark.parametrize(("layout", "shape"), [("flat", (784,)), ("1x28x28", (1, 28, 28))])
def test_a_batch_is_images_by_index_scaled_and_laid_out(published, scale, by, add, layout, shape):
    train = mnist.images("train", scale, layout)
    batch = train(50, rng(3))
    index = torch.randint(0, 60_000, (50,), generator=rng(3)).numpy()
    wanted = published["x_train"][index].astype(np.float64) / by + add
    assert batch.dtype == torch.float32 and batch.shape == (50, *shape)
    assert np.allclose(batch.numpy(), wanted.reshape(50, *shape), atol=1e-6)
    assert batch.min() == add and batch.max() == 1


def test_every_image_can_be_drawn_and_none_more_often_than_chance_allows():
    pixels = torch.arange(10).to(torch.uint8)[:, None, None].expand(10, 28, 28)
    small = mnist.Images(pixels, torch.arange(10), "[0, 1]")
    counts = torch.bincount((small(20_000, rng())[:, 0] * 255).round().long(), minlength=10)
    assert (counts - 2000).abs().max() < 6 * 42.4  # six standard deviations of a binomial count


def test_the_sampler_of_the_recipes_draws_what_the_images_do():
    assert torch.equal(mnist.digits(9, rng(1), scale="[0, 1]"), mnist.images("train", "[0, 1]")(9, rng(1)))


def test_the_labels_are_those_of_the_images():
    """A nearest-neighbor vote among 2,000 training images names nearly all of 200 test images right."""
    train, test = mnist.images("train"), mnist.images("test")
    near = torch.cdist(test.at(slice(0, 200)), train.at(slice(0, 2000))).argmin(1)
    assert (train.labels[near] == test.labels[:200]).float().mean() > 0.85


@pytest.mark.parametrize(("arguments", "words"), [
    ({"split": "valid"}, "split must be one of 'train', 'test'"),
    ({"scale": "0..1"}, "scale must be one of"),
    ({"layout": "28x28"}, "layout must be one of"),
    ({"device": "cuda:99"}, "no device"),
])
def test_what_is_not_there_is_refused_with_what_is(arguments, words):
    with pytest.raises(ValueError, match=words):
        mnist.images(**arguments)


@pytest.mark.parametrize("count", [0, -1, 2.5, True, "many"])
def test_a_batch_of_no_images_is_refused(count):
    with pytest.raises((ValueError, TypeError), match="n must be"):
        mnist.images("test")(count, rng())


def test_a_sampler_names_itself_and_a_seed_decides():
    assert mnist.images("test", "[0, 1]", "1x28x28").__name__ == "mnist [0, 1] 1x28x28"
    assert same_for_the_same_seed(mnist.images("test")) and same_for_the_same_seed(mnist.digits)


def changed(place: int) -> bytes:
    content = bytearray(make_mnist.TARGET.read_bytes())
    content[place] ^= 1
    return bytes(content)


def saved(**arrays) -> bytes:
    np.savez_compressed(buffer := io.BytesIO(), **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize(("content", "says"), [
    (lambda published: None, r"there is no .*file\.npz.*python -m tools\.make_mnist"),
    (lambda published: saved(x_test=published["x_test"][:, ::-1]), r"x_test in .* is not that of MNIST.*make_mnist"),
    (lambda published: saved(x_test=published["x_test"].astype(np.int64)), r"x_test in .* is not that.*make_mnist"),
    (lambda published: saved(x_test=published["x_test"][:9999]), r"x_test in .* is not that of MNIST.*make_mnist"),
    (lambda published: saved(x_train=published["x_test"]), "cannot be read"),  # no such array
    (lambda published: b"<!DOCTYPE html>", "cannot be read"), (lambda published: b"", "cannot be read"),
    (lambda published: make_mnist.TARGET.read_bytes()[:-1000], "damaged"),
    (lambda published: make_mnist.TARGET.read_bytes()[:5_000_000], "damaged"),
    (lambda published: changed(-200_000), "damaged|not that of MNIST"),  # the images for testing come last
], ids=["missing", "upside down", "int64", "one less", "no x_test", "page", "empty", "short", "half", "flipped"])
def test_a_missing_foreign_or_damaged_file_is_refused_with_the_remedy(tmp_path, published, content, says):
    if (content := content(published)) is not None:
        (tmp_path / "file.npz").write_bytes(content)
    with pytest.raises(ValueError, match=f"(?s){says}"):
        mnist.read("x_test", str(tmp_path / "file.npz"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_on_a_gpu_the_images_stay_there_and_a_seed_means_the_same():
    there = mnist.images("test", device="cuda")
    assert there.pixels.device.type == "cuda" and there(5, rng()).device.type == "cuda"
    assert torch.allclose(there(5, rng()).cpu(), mnist.images("test")(5, rng()), atol=1e-6)


# pixels on the right scale

FINE = torch.rand(4, 784, generator=rng())


@pytest.mark.parametrize("scale", mnist.SCALES)
@pytest.mark.parametrize("shape", [(784,), (28, 28), (1, 28, 28)])
def test_gray_is_from_0_to_1_whatever_scale_and_layout_it_was(scale, shape):
    images = mnist.images("test", scale, "flat")
    bytes_, wanted = images.pixels[:50], images.pixels[:50].double() / 255
    floats = images.at(slice(0, 50)).reshape(50, *shape)
    for given in (floats, floats.double(), floats.requires_grad_(), bytes_.reshape(50, *shape)):
        gray = mnist.to_gray(given, scale)
        assert gray.shape == (50, 28, 28) and not gray.requires_grad
        assert torch.allclose(gray.double(), wanted, atol=1e-6) and 0 <= gray.min() <= gray.max() <= 1


@pytest.mark.parametrize("scale", mnist.SCALES)
def test_an_images_object_needs_no_scale(scale):
    images = mnist.images("test", scale)
    for named in mnist.SCALES:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert torch.equal(mnist.to_gray(images, named), images.pixels / 255)


def test_images_that_look_like_0_to_1_are_taken_for_minus_1_to_1_with_a_warning_only():
    with pytest.warns(UserWarning, match=r"no value below 0, .*probably in \[0, 1\].*scale='\[0, 1\]'.*2 \* x") as seen:
        gray = mnist.to_gray(FINE)
    assert seen[0].filename == __file__, "it points to the line that passed the images"
    assert torch.allclose(gray.flatten(1), (FINE + 1) / 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mnist.to_gray(2 * FINE - 1)
        mnist.to_gray(FINE, "[0, 1]")
        mnist.check_scale(torch.tensor([0.5]), "[-1, 1]")  # one pixel tells nothing


def test_rounding_may_leave_the_scale_by_a_thousandth():
    assert mnist.to_gray(FINE * 0 - 9e-4, "[0, 1]").unique().tolist() == [0]
    assert mnist.to_gray(FINE * 0 + 1.0009, "[0, 1]").unique().tolist() == [1]
    for outside in (-2e-3, 1.002):
        with pytest.raises(ValueError, match=r"should lie in \[0, 1\]"):
            mnist.to_gray(FINE * 0 + outside, "[0, 1]")


@pytest.mark.parametrize(("given", "scale", "error", "words"), [
    (FINE * 0 + 255, "[-1, 1]", ValueError, r"look like gray levels in \[0, 255\].*x / 127\.5 - 1"),
    (FINE * 0 + 255, "[0, 1]", ValueError, r"\[0, 255\].*x / 255"),
    (FINE - 1, "[0, 1]", ValueError, r"reach from -0\.99.* look like \[-1, 1\].*scale='\[-1, 1\]'.*\(x \+ 1\) / 2"),
    (-FINE, "[0, 1]", ValueError, r"should lie in \[0, 1\], but .*look like \[-1, 1\]"),
    (FINE * 0 - 7, "[-1, 1]", ValueError, "reach from -7 to -7.*tanh"),
    (FINE * 0 - 7, "[0, 1]", ValueError, "reach from -7 to -7.*a sigmoid"),
    (FINE * math.nan, "[0, 1]", ValueError, "NaN or Inf"), (FINE * math.inf, "[-1, 1]", ValueError, "NaN or Inf"),
    (FINE[:0], "[0, 1]", ValueError, r"there are no images: the batch is empty, shape \(0, 784\)"),
    (FINE[0], "[0, 1]", ValueError, r"shape \(n, 784\).*got \(784,\)"),
    (FINE[:, :783], "[0, 1]", ValueError, r"got \(4, 783\)"),
    (FINE.reshape(4, 28, 28, 1), "[0, 1]", ValueError, r"got \(4, 28, 28, 1\)"),
    (FINE.long(), "[0, 1]", TypeError, "uint8 or floats, got torch.int64"),
    (FINE > 0.5, "[0, 1]", TypeError, "uint8 or floats, got torch.bool"),
    (FINE.numpy(), "[0, 1]", TypeError, "must be a tensor, got ndarray"),
    (FINE, "0..1", ValueError, r"scale must be one of '\[0, 1\]', '\[-1, 1\]', got '0..1'"),
])  # fmt: skip
def test_what_is_no_image_of_that_scale_is_refused(given, scale, error, words):
    with pytest.raises(error, match=words):
        mnist.to_gray(given, scale)
