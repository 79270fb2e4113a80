"""A small classifier: which digit an image shows, and 64 features in which images are compared (chapter 7).

tools/train_classifier.py trained it; its weights are in recorded/classifier.pt. Images are what `mnist.to_gray` takes:
tensors (n, 784), (n, 28, 28) or (n, 1, 28, 28), uint8 from 0 to 255 or floats in a scale, "[0, 1]" or "[-1, 1]".
"""

import functools
from importlib.resources import files

import torch
from torch import nn

from gan_helpers import mnist

FEATURES, BATCH = 64, 100  # batches of a thousand images take twice as long


def network() -> nn.Sequential:
    """Three convolutions, 64 features, ten digits: (n, 1, 28, 28) in [0, 1] to (n, 10) logits, 61,000 weights."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),  # (n, 16, 14, 14)
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),  # (n, 32, 7, 7)
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),  # (n, 64, 3, 3)
        nn.Flatten(), nn.Linear(576, FEATURES), nn.ReLU(), nn.Dropout(0.3), nn.Linear(FEATURES, 10),
    )


@functools.cache
def trained() -> nn.Sequential:
    """The trained network in evaluation mode, on the CPU. ValueError if its weights are missing or damaged."""
    path = files("gan_helpers.recorded") / "classifier.pt"
    try:
        with path.open("rb") as file:
            weights = torch.load(file, weights_only=True)
        model = network()
        model.load_state_dict(weights)
    except Exception as error:  # whatever a damaged file makes torch raise
        raise ValueError(f"the classifier's weights cannot be read from {path} ({type(error).__name__}). Install the "
                         "package again, or train it: python -m tools.train_classifier.") from error
    return model.eval().requires_grad_(False).to(memory_format=torch.channels_last)


@torch.no_grad()
def features(images: torch.Tensor, scale: str = "[-1, 1]") -> torch.Tensor:
    """The last hidden layer of the classifier, after ReLU: float32 (n, 64), each 0 or more."""
    upto, parts = trained()[:-2], mnist.to_gray(images, scale).float().unsqueeze(1).split(BATCH)
    # channels last: the convolutions take two thirds of the time
    return torch.cat([upto(part.contiguous(memory_format=torch.channels_last)) for part in parts])


@torch.no_grad()
def class_probabilities(features: torch.Tensor) -> torch.Tensor:
    """How likely each digit is, from the `features` of the images: (n, 64) to (n, 10); rows sum to 1."""
    if not isinstance(features, torch.Tensor) or features.dim() != 2 or features.shape[1] != FEATURES:
        got = tuple(features.shape) if isinstance(features, torch.Tensor) else type(features).__name__
        raise ValueError(f"class_probabilities takes features, a tensor of shape (n, {FEATURES}), got {got}. For "
                         "images, call probabilities.")
    return trained()[-2:](features).softmax(1)


def predict(images: torch.Tensor, scale: str = "[-1, 1]") -> torch.Tensor:
    """The most likely digit of each image: int64 (n,). An image that shows no digit gets one all the same."""
    return probabilities(images, scale).argmax(1)


def probabilities(images: torch.Tensor, scale: str = "[-1, 1]") -> torch.Tensor:
    """How likely each digit is, (n, 10); rows sum to 1."""
    return class_probabilities(features(images, scale))


def total_variation(real_digits: torch.Tensor, fake_digits: torch.Tensor) -> float:
    """Half the sum over the digits of |share among real - share among fake|: 0 the same mix, 1 nothing in common."""
    real, fake = (_shares(digits) for digits in (real_digits, fake_digits))
    return (real - fake).abs().sum().item() / 2


def _shares(digits: torch.Tensor) -> torch.Tensor:
    digits = torch.as_tensor(digits).flatten()
    if digits.numel() == 0 or not torch.isin(digits, torch.arange(10)).all():
        raise ValueError(f"total_variation takes two batches of digits from 0 to 9, got {digits.tolist()[:10]}.")
    return torch.bincount(digits.long(), minlength=10).double() / digits.numel()
