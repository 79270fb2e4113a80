"""R, for pictures: the 70,000 handwritten digits of MNIST, which travel with the package, and batches of them.

Images by Yann LeCun and Corinna Cortes, CC BY-SA 3.0 (mnist.txt beside the file). tools/make_mnist.py made the file.
"""

import dataclasses
import functools
import hashlib
import zipfile
from importlib.resources import files

import numpy as np
import torch

from gan_helpers import _door
from gan_helpers.scales import SCALES

LAYOUTS = {"flat": (784,), "1x28x28": (1, 28, 28)}
SPLITS = {"train": 60_000, "test": 10_000}
HEAD = {"x": bytes.fromhex("00000803"), "y": bytes.fromhex("00000801")}  # how the published IDX files begin
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
        _door.one_of(self.scale, SCALES, "scale")
        _door.one_of(self.layout, LAYOUTS, "layout")

    def __call__(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """Draw n images, each as likely as any other. Indices are drawn on the CPU, so that a seed means the same."""
        index = torch.randint(0, len(self.pixels), (_door.count(n, "n"),), generator=_door.random_source(rng))
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


def mnist(split: str = "train", scale: str = "[-1, 1]", layout: str = "flat", device="cpu") -> Images:
    """The 60,000 training or 10,000 test images of MNIST (LeCun et al. 1998; chapter 5).

    Raises ValueError for another split, scale or layout, and for a file that is missing, damaged or not MNIST.
    """
    _door.one_of(split, SPLITS, "split")
    pixels, labels = (torch.from_numpy(read(f"{part}_{split}")) for part in "xy")
    device = _door.device_there(device)
    return Images(pixels.to(device), labels.long().to(device), scale, layout)


def digits(n: int, rng: torch.Generator, scale: str = "[-1, 1]", device="cpu") -> torch.Tensor:
    """Draw n training images (chapter 5): float32 of shape (n, 784). The tensor of all images is made once and kept."""
    return _kept(scale, str(device))(n, rng)


@functools.cache
def _kept(scale: str, device: str) -> Images:
    return mnist("train", scale, device=device)


@functools.cache
def read(name: str, path: str | None = None) -> np.ndarray:
    """One array of the file, checked against the published one. The file: mnist.npz of the package, unless given."""
    path = files("gan_helpers") / "mnist.npz" if path is None else path
    remedy = "Install the package again, or make the file anew: python -m tools.make_mnist."
    try:
        with np.load(path) as kept:
            array = kept[name]
    except FileNotFoundError as error:
        raise ValueError(f"there is no {path}. {remedy}") from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zipfile.zlib.error) as error:
        raise ValueError(f"{path} cannot be read: damaged, or no file of MNIST ({error}). {remedy}") from error
    if sha256(name, array) != SHA256[name]:
        raise ValueError(f"{name} in {path} is not that of MNIST: {array.dtype}, shape {array.shape}. {remedy}")
    return array


def sha256(name: str, array: np.ndarray) -> str:
    """The checksum that the published file of this array has."""
    if array.dtype != np.uint8:
        return f"of {array.dtype}"
    head = HEAD[name[0]] + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return hashlib.sha256(head + array.tobytes()).hexdigest()
