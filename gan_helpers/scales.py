"""The two scales of pixels, "[0, 1]" for a G that ends in a sigmoid and "[-1, 1]" for tanh; and back (chapter 5)."""

import torch

from gan_helpers import _door

SCALES = {"[0, 1]": (255.0, 0.0), "[-1, 1]": (127.5, -1.0)}  # name: a grey level 0..255 is divided by, then added


def grey(images: torch.Tensor, scale: str = "[-1, 1]") -> torch.Tensor:
    """Images as (n, 28, 28) in [0, 1] on the CPU. Raises ValueError or TypeError for what is no image of this scale."""
    _door.one_of(scale, SCALES, "scale")
    if not isinstance(images, torch.Tensor):
        raise TypeError(f"images must be a tensor, got {type(images).__name__}. Convert them: torch.as_tensor(...).")
    if images.dim() < 2 or tuple(images.shape[1:]) not in ((784,), (28, 28), (1, 28, 28)):
        raise ValueError(f"images must have shape (n, 784), (n, 28, 28) or (n, 1, 28, 28), got {tuple(images.shape)}.")
    if len(images) == 0:
        raise ValueError(f"there is no image: the batch is empty, shape {tuple(images.shape)}. Pass at least one.")
    images = images.detach().cpu().reshape(-1, 28, 28)
    if images.dtype == torch.uint8:
        return images / 255
    if not images.is_floating_point():
        raise TypeError(f"images must be uint8 or floats, got {images.dtype}. Convert them: .to(torch.uint8).")
    check(images, scale)
    by, add = SCALES[scale]
    return ((images - add) * (by / 255)).clamp(0, 1)


def check(images: torch.Tensor, scale: str, name: str = "images") -> None:
    """Refuse floats that are no pixels of `scale`, "[0, 1]" or "[-1, 1]", and say which scale they seem to have."""
    if not torch.isfinite(images).all():
        raise ValueError(f"{name} have NaN or Inf among their pixels. Has the training diverged?")
    low, high, least = images.min().item(), images.max().item(), -1 if scale == "[-1, 1]" else 0
    if low >= least - 1e-3 and high <= 1.001:
        return
    if low >= 0 and 1.001 < high <= 255:
        hint = f"They look like grey levels in [0, 255]. Scale them: {'x / 127.5 - 1' if least else 'x / 255'}"
    elif low >= -1.001 and high <= 1.001:
        hint = "They look like [-1, 1]. Pass scale='[-1, 1]', or scale them: (x + 1) / 2"
    else:
        hint = "Scale them, or end the generator in " + ("tanh" if least else "a sigmoid")
    raise ValueError(f"{name} should lie in {scale}, but they reach from {low:.4g} to {high:.4g}. {hint}.")
