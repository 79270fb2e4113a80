"""Exercise 1: from pixels in [-1, 1] to grey levels."""

import numpy as np
import torch

from tests.exercises.bank_mnist_deeper import right, wrong

NAME = "to_grey"


def square(x):
    return x.reshape(-1, 28, 28)


def whole(x):
    return square(((x + 1) * 127.5).round()).to(torch.uint8)


@right(NAME)
def half_and_cut(x):
    return ((x + 1) / 2 * 255 + 0.5).clamp(0, 255).byte().view(len(x), 28, 28)


@right(NAME)
def with_numpy(x):
    return torch.from_numpy(np.rint((x.numpy() + 1) * 127.5).astype(np.uint8).reshape(-1, 28, 28))


@right(NAME)
def the_other_order(x):
    return (x * 127.5 + 127.5).round().to(torch.uint8).unflatten(1, (28, 28))


@right(NAME)
def nearest_of_all(x):
    levels = torch.arange(256) / 127.5 - 1
    return square((x.unsqueeze(-1) - levels).abs().argmin(-1)).to(torch.uint8)


def changes_its_images(x):
    return square(x.add_(1).mul_(127.5).round_()).to(torch.uint8)


ANSWERS = {
    lambda x: square((x + 1) * 127.5).to(torch.uint8): "come back one level too dark: .to(uint8) cuts off",
    lambda x: square((x + 1) / 2 * 255).byte(): "of the pixels",
    lambda x: square(x * 127.5 + 127.5).byte(): "for pixels between two levels: ",
    lambda x: square(((x + 1) * 127.5).ceil()).byte(): "too light: something is rounded up",
    lambda x: square(((x.double() + 1) * 127.5 - 1e-3).ceil()).byte(): "for pixels between two levels: ",
    lambda x: square(((x + 1) * 127.5).floor()).byte(): "cuts off",
    lambda x: square(((x + 1) * 127.5 - 0.4).round()).byte(): "too dark: something is cut off",
    lambda x: square(((x.double() + 1) * 128).floor().clamp(max=255)).byte(): "256 boxes of the same width",
    lambda x: square(((x + 1) * 128).round().remainder(256)).byte(): "white becomes 256, and in uint8 that is 0",
    lambda x: square(((x + 1) * 128).long().remainder(256)).byte(): "you multiply by 128: white becomes 256",
    lambda x: square(((x + 1) * 128).round().clamp(0, 255)).byte(): "you multiply by 128. Half of 255 is 127.5",
    lambda x: square(((x + 1) * 127).round()).byte(): "you multiply by 127",
    lambda x: square(((x + 1) / 2).round()).byte(): "this is black and white as 0 and 1",
    lambda x: square((x + 1) / 2).byte(): "pixels in [0, 1] became 0 when they were cut off",
    lambda x: square(((1 - x) * 127.5).round()).byte(): "black and white are swapped",
    lambda x: whole(x).transpose(1, 2): "rows and columns of each image are swapped",
    lambda x: whole(x).flip(1): "stand on their heads",
    lambda x: whole(x).flip(0): "the images are in reverse order",
    lambda x: square((x * 127.5).round().long().remainder(256)).byte(): "add 1 before you multiply",
    lambda x: square((x * 255).round().clamp(0, 255)).byte(): "everything below 0 became black",
    lambda x: square((x * 255).round().long().remainder(256)).byte(): "you treat them as pixels in [0, 1]",
    lambda x: square(((x - x.min()) / (x.max() - x.min()) * 255).round()).byte(): "for pixels between two levels: ",
    lambda x: torch.zeros(len(x), 28, 28, dtype=torch.uint8): "should become 255, yours is 0",
    lambda x: square(((x + 1) * 127.5 + 1).round().clamp(max=255)).byte(): "of the pixels are one level too light",
    lambda x: square((x + 1) * 127.5).round(): "grey levels are uint8, yours are torch.float32",
    lambda x: square((x + 1) * 127.5).round().int(): "yours are torch.int32",
    lambda x: square((x + 1) * 127.5).round().to(torch.int8): "yours are torch.int8",
    lambda x: ((x + 1) * 127.5).round().byte(): "the images are still flat",
    lambda x: whole(x).unsqueeze(1): "yours is (2, 1, 28, 28)",
    lambda x: whole(x)[0]: "yours is (28, 28)",
    lambda x: whole(x).numpy(): "return a tensor, not a ndarray",
    lambda x: list(whole(x)): "return a tensor, not a list",
    changes_its_images: "changes the images it is given",
    lambda x: x.reshape(28, 28): "stopped with RuntimeError",
    lambda x, scale: x: "stopped with TypeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
