"""Exercise 1: from grey levels to numbers."""

import numpy as np
import torch

from gan_helpers import mnist
from tests.exercises.bank_mnist_two_layers import right, wrong

NAME = "to_pixels"


def there(x, scale, by=255.0):
    """The right pixels, flat; or with another divisor."""
    x = x.float().flatten(1)
    return x / by if scale == "[0, 1]" else 2 * x / by - 1


@right(NAME)
def centred(x, scale):
    x = x.view(-1, 784).to(torch.float32)
    return (x - 127.5) / 127.5 if "-1" in scale else x.mul_(1 / 255)


@right(NAME)
def with_numpy(x, scale):
    x = x.numpy().astype(np.float64).reshape(len(x), -1) / 255
    return torch.tensor(x * 2 - 1 if scale == "[-1, 1]" else x, dtype=torch.float32)


@right(NAME)
def one_by_one(x, scale):
    low, high = (float(end) for end in scale.strip("[]").split(","))
    rows = [low + (high - low) * torch.cat(list(image.float())) / 255 for image in x]
    return torch.stack(rows)


@right(NAME)
def a_table(x, scale):
    """Looks up every grey level."""
    low = -1 if scale == "[-1, 1]" else 0
    return torch.linspace(low, 1, 256)[x.flatten(1).long()]


def changes_its_images(x, scale):
    pixels = there(x, scale)
    x.fill_(0)
    return pixels


def ran_over(x, scale):
    x = x.flatten(1)
    return x / 255 if scale == "[0, 1]" else x * 2 / 255 - 1


def middle_in_uint8(x, scale):
    x = x.flatten(1)
    return x / 255 if scale == "[0, 1]" else (x - 128) / 128


def of_the_batch(x, scale):
    x = x.float().flatten(1)
    x = (x - x.min()) / (x.max() - x.min())
    return x if scale == "[0, 1]" else 2 * x - 1


ANSWERS = {
    lambda x, scale: x.float().flatten(1) / 255: "for [-1, 1] and all grey levels you make the other range",
    lambda x, scale: x.float().flatten(1) / 127.5 - 1: "for [0, 1] and all grey levels you make the other range",
    lambda x, scale: there(x, "[0, 1]" if scale == "[-1, 1]" else "[-1, 1]"): "you make the other range",
    lambda x, scale: x.float().flatten(1): "these are still grey levels from 0 to 255",
    lambda x, scale: there(x.transpose(1, 2), scale): "rows and columns of each image are swapped",
    lambda x, scale: there(x.flip(1), scale): "stand on their heads",
    lambda x, scale: there(x.flip(2), scale): "the images are mirrored",
    lambda x, scale: there(x, scale).flip(1): "the pixels are in reverse order",
    lambda x, scale: there(x, scale).flip(0): "the images are in reverse order",
    lambda x, scale: there(x, scale).reshape(784, -1).T: "the pixels of different images are mixed",
    lambda x, scale: there(x.permute(1, 2, 0).reshape(-1, 784), scale): "the pixels of different images are mixed",
    lambda x, scale: there(255 - x, scale): "black and white are swapped",
    lambda x, scale: there(x, scale, 256): "you divide by 256",
    lambda x, scale: there(x, scale, 254): "you divide by 254",
    lambda x, scale: there(x, scale) if "0, " in scale else x.float().flatten(1) / 128 - 1: "you divide by 128",
    lambda x, scale: there(x, scale) if "0, " in scale else x.flatten(1).float() / 127 - 1: "you divide by 127. Half",
    lambda x, scale: there(x, scale) if "0, " in scale else (x.flatten(1).float() - 128) / 127.5: "128 is not the mid",
    lambda x, scale: there(x, scale) if "0, " in scale else (x.flatten(1).float() - 127) / 127.5: "127 is not the mid",
    ran_over: "your numbers ran over",
    middle_in_uint8: "your numbers ran over",
    lambda x, scale: (x // 255).float().flatten(1): "// cuts everything below 255",
    lambda x, scale: there(x, scale) if "0, " in scale else x.flatten(1).float() // 127.5 - 1: "// cuts off",
    lambda x, scale: (x / 255).round().flatten(1): "you round to black and white",
    lambda x, scale: there(x, "[0, 1]") - float(scale == "[-1, 1]"): "this range is [-1, 0]",
    lambda x, scale: there(x, "[0, 1]") - 0.5: "this range is [-0.5, 0.5]",
    lambda x, scale: there(x, scale) if "0, " in scale else x.flatten(1) / 127.5: "this range is [0, 2]",
    lambda x, scale: there(x, scale) if "0, " in scale else (x.flatten(1).float() - 1) / 127.5: "brackets are wrong",
    lambda x, scale: there(x, scale, x.max()): "you divide by the largest level of the batch",
    of_the_batch: "you stretch between the least and the largest level",
    lambda x, scale: there(x, scale, 255.0 if "0, " in scale else x.max()): "of the batch. Take 255 always",
    lambda x, scale: (x.float().flatten(1) - x.float().mean()) / x.float().std(): "these are standard units",
    lambda x, scale: there(x, scale).square(): "should become",
    lambda x, scale: there(x, scale).nan_to_num() * torch.nan: "yours is nan",
    lambda x, scale: there(x, scale).double(): "networks take float32, yours is torch.float64",
    lambda x, scale: there(x, scale).half(): "yours is torch.float16",
    lambda x, scale: x.flatten(1): "these are still uint8",
    lambda x, scale: (x / 255).flatten(1).to(torch.uint8): "these are still uint8",
    lambda x, scale: x / 255: "is not flat yet",
    lambda x, scale: (x / 255).unsqueeze(1): "3 images need shape (3, 784), yours is (3, 1, 28, 28)",
    lambda x, scale: there(x, scale).T: "one image a column",
    lambda x, scale: there(x, scale).flatten(): "all images became one long row",
    lambda x, scale: there(x, scale)[0]: "yours is (784,)",
    lambda x, scale: there(x, scale).numpy(): "return a tensor, not a ndarray",
    lambda x, scale: there(x, scale).tolist(): "return a tensor, not a list",
    lambda x, scale: (there(x, scale), x): "return a tensor, not a tuple",
    changes_its_images: "changes the images it is given",
    lambda x, scale: x.div_(255).flatten(1): "stopped with RuntimeError",
    lambda x: x.flatten(1) / 255: "stopped with TypeError",
    lambda x, scale: mnist.Images(x, x, scale).at(slice(None)): "calls Images.at",
    lambda x, scale: mnist.to_gray(x).flatten(1): "calls to_gray, and that is the whole answer",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
