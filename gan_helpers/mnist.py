"""R, for images: the 70,000 handwritten digits of MNIST, which come with the package, and the scales of pixels.

Pixels lie in "[0, 1]" for a G that ends in a sigmoid, in "[-1, 1]" for one that ends in tanh.

Images by Yann LeCun and Corinna Cortes, CC BY-SA 3.0 (mnist.txt beside the file). tools/make_mnist.py made the file.
"""

import dataclasses
import functools
import hashlib
import warnings
import zipfile
from importlib.resources import files

import numpy as np
import torch

from gan_helpers import _validate

SCALES = {"[0, 1]": (255.0, 0.0), "[-1, 1]": (127.5, -1.0)}  # name: a gray level 0..255 is divided by, then added
LAYOUTS = {"flat": (784,), "1x28x28": (1, 28, 28)}
SPLITS = {"train": 60_000, "test": 10_000}
HEAD = {"x": bytes.fromhex("00000803"), "y": bytes.fromhex("00000801")}  # first bytes of the published IDX files
SHA256 = {  # of the four published files; an array is checked with the head of its file put back
    "x_train": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "y_train": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "x_test": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "y_test": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


@dataclasses.dataclass(frozen=True, eq=False)
class Images:
    """Images as one uint8 tensor that stays on its device. Call it for a batch: ``images(n, rng) -> (n, 784)``.

    pixels: (count, 28, 28) uint8; labels: (count,) int64. scale: "[0, 1]" for a generator that ends in a sigmoid,
    "[-1, 1]" for one that ends in tanh. layout: "flat" for (n, 784) or "1x28x28" for (n, 1, 28, 28).
    """

    pixels: torch.Tensor
    labels: torch.Tensor
    scale: str = "[-1, 1]"
    layout: str = "flat"

    def __post_init__(self):
        _validate.one_of(self.scale, SCALES, "scale")
        _validate.one_of(self.layout, LAYOUTS, "layout")

    def __call__(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """Draw n images, each as likely as any other. Indices are drawn on the CPU: a seed gives the same on a GPU."""
        index = torch.randint(0, len(self.pixels), (_validate.count(n, "n"),), generator=_validate.rng(rng))
        return self.at(index.to(self.pixels.device))

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def __name__(self) -> str:  # how a GAN's settings name it
        return f"mnist {self.scale} {self.layout}"

    def at(self, index) -> torch.Tensor:
        """The images at `index` (a tensor of indices or a slice) as float32, scaled and laid out."""
        by, add = SCALES[self.scale]
        return (self.pixels[index].float() / by + add).reshape(-1, *LAYOUTS[self.layout])


def images(split: str = "train", scale: str = "[-1, 1]", layout: str = "flat", device="cpu") -> Images:
    """The 60,000 training or 10,000 test images of MNIST (LeCun et al. 1998; chapter 5).

    Raises ValueError for an unknown split, scale or layout, and for a file that is missing, damaged or not MNIST.
    """
    _validate.one_of(split, SPLITS, "split")
    pixels, labels = (torch.from_numpy(read(f"{part}_{split}")) for part in "xy")
    device = _validate.device(device)
    return Images(pixels.to(device), labels.long().to(device), scale, layout)


def digits(n: int, rng: torch.Generator, scale: str = "[-1, 1]", device="cpu") -> torch.Tensor:
    """Draw n training images (chapter 5): float32 of shape (n, 784). The file is read once."""
    return _training_images(scale, str(device))(n, rng)


@functools.cache
def _training_images(scale: str, device: str) -> Images:
    return images("train", scale, device=device)


@functools.cache
def read(name: str, path: str | None = None) -> np.ndarray:
    """One array of a file (by default the package's mnist.npz), checked against the published one."""
    path = files("gan_helpers") / "mnist.npz" if path is None else path
    remedy = "Install the package again, or make the file again: python -m tools.make_mnist."
    try:
        with np.load(path) as kept:
            array = kept[name]
    except FileNotFoundError as error:
        raise ValueError(f"there is no {path}. {remedy}") from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zipfile.zlib.error) as error:
        raise ValueError(f"{path} cannot be read: it is damaged, or not a file of MNIST ({error}). {remedy}") from error
    if sha256(name, array) != SHA256[name]:
        raise ValueError(f"{name} in {path} is not that of MNIST: {array.dtype}, shape {array.shape}. {remedy}")
    return array


def sha256(name: str, array: np.ndarray) -> str:
    """The checksum of the IDX file that holds this array."""
    if array.dtype != np.uint8:
        return f"of {array.dtype}"
    head = HEAD[name[0]] + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return hashlib.sha256(head + array.tobytes()).hexdigest()


def to_gray(images: torch.Tensor, scale: str = "[-1, 1]") -> torch.Tensor:
    """Images as (n, 28, 28) in [0, 1] on the CPU.

    images: an `Images` object, whatever its scale; or a tensor (n, 784), (n, 28, 28) or (n, 1, 28, 28), uint8 from 0 to
    255 or floats in `scale`. Raises TypeError or ValueError for anything else, and for floats outside the scale.
    """
    _validate.one_of(scale, SCALES, "scale")
    if isinstance(images, Images):
        images = images.pixels  # uint8, so no scale can be wrong
    if not isinstance(images, torch.Tensor):
        raise TypeError(f"images must be a tensor, got {type(images).__name__}. Convert them: torch.as_tensor(...).")
    if images.dim() < 2 or tuple(images.shape[1:]) not in ((784,), (28, 28), (1, 28, 28)):
        raise ValueError(f"images must have shape (n, 784), (n, 28, 28) or (n, 1, 28, 28), got {tuple(images.shape)}.")
    if len(images) == 0:
        raise ValueError(f"there are no images: the batch is empty, shape {tuple(images.shape)}. Pass at least one.")
    images = images.detach().cpu().reshape(-1, 28, 28)
    if images.dtype == torch.uint8:
        return images / 255
    if not images.is_floating_point():
        raise TypeError(f"images must be uint8 or floats, got {images.dtype}. Convert them: .to(torch.uint8).")
    check_scale(images, scale)
    by, add = SCALES[scale]
    return ((images - add) * (by / 255)).clamp(0, 1)


def check_scale(images: torch.Tensor, scale: str, name: str = "images") -> None:
    """Refuse floats outside the scale, "[0, 1]" or "[-1, 1]", and say which scale they seem to have.

    A batch for "[-1, 1]" without any pixel below 0 passes with a warning: it is probably in "[0, 1]".
    """
    if not torch.isfinite(images).all():
        raise ValueError(f"{name} have NaN or Inf among their pixels. Has the training diverged?")
    low, high, least = images.min().item(), images.max().item(), -1 if scale == "[-1, 1]" else 0
    if low >= least - 1e-3 and high <= 1.001:
        if low >= 0 and least == -1 and images.numel() > 1:
            warnings.warn(f"{name} have no value below 0, so they are probably in [0, 1], not in [-1, 1]. Pass "
                          "scale='[0, 1]', or scale them: 2 * x - 1.", stacklevel=3)
        return
    if low >= 0 and 1.001 < high <= 255:
        hint = f"They look like gray levels in [0, 255]. Scale them: {'x / 127.5 - 1' if least else 'x / 255'}"
    elif low >= -1.001 and high <= 1.001:
        hint = "They look like [-1, 1]. Pass scale='[-1, 1]', or scale them: (x + 1) / 2"
    else:
        hint = "Scale them, or end the generator in " + ("tanh" if least else "a sigmoid")
    raise ValueError(f"{name} should lie in {scale}, but they reach from {low:.4g} to {high:.4g}. {hint}.")
