"""Steps a second on MNIST: the networks of a widely copied script, trained the usual way and by the course's loop.

    python -m benchmarks.speed_mnist          two to five minutes; on the GPU as well, where there is one

The script is gan.py of PyTorch-GAN (Linder-Noren 2018): G 100-128-256-512-1024-784 with batch norm (its second
argument is 0.8, which is eps), D 784-512-256-1, batches of 64, Adam 2e-4 with betas (0.5, 0.999). The usual way is
written as that script writes it: a Dataset with three transforms an image, a DataLoader, BCELoss on a sigmoid, the loss
of G back through all of D, Adam as it comes. The transforms do what torchvision's do, without torchvision; side by side
with its version 0.28 an image took 0.87 of the time (median of 15 pairs). The course's loop takes the same two steps:
images as one uint8 tensor, logits, one batch of fakes for both players, gradients only where they are used, fused Adam.

All sides run in one process and in turns; the median of five rounds counts. Beside it stands the share of the machine's
matrix products: the multiplications of a step's layers a second, over those of a float32 product of two 1024 x 1024
matrices timed in the same round. The course's loop is timed twice, with matrix products in float32 and in bfloat16,
which only some processors have instructions for; without them it is ten times slower and more. A last row has only the
matrix products of a step and the updates of Adam, one after the other: no float32 loop made of PyTorch's own can be
faster. The last line is the larger ratio of our loop, with the threads that torch takes by itself; the line before it
has both.
"""

import dataclasses
import functools
import resource
import statistics
import sys

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

from benchmarks.recorder import seconds
from gan_helpers import layers, mnist, noise
from gan_helpers.gan import GAN
from gan_helpers.training import train

BATCH, PAIRS, STEPS = 64, 5, 60
PRECISIONS = ("float32", "bfloat16")
BARE = "products and Adam, float32"
WIDTHS = (128, 256, 512, 1024)
OURS = GAN(  # d_steps=0: simultaneous steps, as in the script: G's step comes first, D sees old fakes
    real=mnist.digits, noise=functools.partial(noise.normal, features=100),
    generator=lambda: Generator(), discriminator=lambda: discriminator(nn.Identity()),
    batch_size=BATCH, lr=2e-4, betas=(0.5, 0.999),
)


class Generator(nn.Sequential):
    """The script's G: its first hidden layer has no batch norm."""

    def __init__(self):
        hidden, ins = [], 100
        for outs in WIDTHS:
            hidden += [nn.Linear(ins, outs), *([nn.BatchNorm1d(outs, 0.8)] if hidden else []), layers.leaky_relu()]
            ins = outs
        super().__init__(*hidden, nn.Linear(ins, 784), nn.Tanh())


def discriminator(last: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Linear(784, 512), layers.leaky_relu(), nn.Linear(512, 256), layers.leaky_relu(),
                         nn.Linear(256, 1), last)


class Resize(nn.Module):
    """The script's first transform: here it only finds that a picture has its size already."""

    def forward(self, picture):
        return picture if picture.size == (28, 28) else picture.resize((28, 28))


class ToTensor:
    """The second one: a picture to float32 in [0, 1], channels first."""

    def __call__(self, picture):
        pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True)).view(picture.height, picture.width, 1)
        return pixels.permute(2, 0, 1).contiguous().to(torch.float32).div(255)


class Normalize(nn.Module):
    """The third one: mean and standard deviation come as lists and become checked tensors, for each image."""

    def forward(self, pixels):
        mean, std = (torch.as_tensor([0.5], dtype=pixels.dtype, device=pixels.device) for _ in range(2))
        if (std == 0).any():
            raise ValueError("a standard deviation of 0 cannot be divided by. Pass a larger one.")
        return pixels.clone().sub_(mean.view(-1, 1, 1)).div_(std.view(-1, 1, 1))


class Digits(Dataset):
    """One image at a time, through a picture and the script's three transforms, as torchvision's MNIST does it."""

    def __init__(self):
        self.train_set, self.transforms = mnist.images("train"), (Resize(), ToTensor(), Normalize())

    def __len__(self):
        return len(self.train_set)

    def __getitem__(self, index):
        label = int(self.train_set.labels[index])
        picture = Image.fromarray(self.train_set.pixels[index].numpy())
        for transform in self.transforms:
            picture = transform(picture)
        return picture, label


class UsualWay:
    """The script's loop. Kept between timings, so that its set-up is not timed."""

    def __init__(self, device):
        self.device, self.g, self.d = device, Generator().to(device), discriminator(nn.Sigmoid()).to(device)
        self.bce = nn.BCELoss()
        self.g_adam, self.d_adam = (torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999))
                                    for net in (self.g, self.d))
        self.loader = DataLoader(Digits(), batch_size=BATCH, shuffle=True)
        self.batches = iter(self.loader)

    def __call__(self, steps: int) -> None:
        for _ in range(steps):
            pictures, _ = next(self.batches)  # the timings together are shorter than one pass over the data
            valid, fake = torch.ones(len(pictures), 1, device=self.device), torch.zeros(len(pictures), 1,
                                                                                        device=self.device)
            real = pictures.to(self.device).view(len(pictures), -1)
            self.g_adam.zero_grad()
            z = torch.tensor(np.random.normal(0, 1, (len(pictures), 100)), dtype=torch.float32, device=self.device)
            made = self.g(z)
            g_loss = self.bce(self.d(made), valid)
            g_loss.backward()
            self.g_adam.step()
            self.d_adam.zero_grad()
            d_loss = (self.bce(self.d(real), valid) + self.bce(self.d(made.detach()), fake)) / 2
            d_loss.backward()
            self.d_adam.step()
            g_loss.item(), d_loss.item()  # printed there at every step


class Bare:
    """What one step cannot do without, and nothing else: its matrix products in float32, and Adam for both players."""

    def __init__(self, device):
        def maps(network, batch):
            return [(layer.weight, torch.randn(batch, layer.in_features, device=device),
                     torch.randn(batch, layer.out_features, device=device))
                    for layer in network if isinstance(layer, nn.Linear)]

        networks = Generator().to(device), discriminator(nn.Identity()).to(device)
        self.g, self.d = maps(networks[0], BATCH), maps(networks[1], 2 * BATCH)  # D sees real and fake
        self.adam = [torch.optim.Adam(network.parameters(), lr=2e-4, fused=True) for network in networks]
        for network in networks:
            for weight in network.parameters():
                weight.grad = torch.randn_like(weight)

    def pairs(self):
        """The factors of each product, in the order of a step."""
        for weight, ins, _ in self.g + self.d:
            yield ins, weight.T
        for weight, _, outs in self.d:  # the slopes of G's loss, through D to the fakes
            yield outs[:BATCH], weight
        for maps in (self.d, self.g):
            for place, (weight, ins, outs) in enumerate(maps):
                yield outs.T, ins
                if place:
                    yield outs, weight

    @torch.no_grad()
    def operations(self) -> int:
        """Floating-point operations of these products."""
        return sum(2 * one.numel() * other.shape[1] for one, other in self.pairs())

    @torch.no_grad()
    def __call__(self, steps: int) -> None:
        for _ in range(steps):
            for one, other in self.pairs():
                one @ other
            for adam in self.adam:
                adam.step()


def peak(device) -> float:
    """Floating-point operations a second of a large matrix product."""
    a, b = torch.randn(2, 1024, 1024, device=device)
    times = [seconds(lambda: a @ b, device) for _ in range(12)]
    return 2 * 1024**3 / statistics.median(times[2:])


def course(precision: str, steps: int, device) -> float:
    """Seconds for so many steps of the course's loop, without what is done once."""
    real = functools.partial(mnist.digits, device=str(device))  # the images stay there
    gan = dataclasses.replace(OURS, precision=precision, real=real)
    once = seconds(lambda: train(gan, 1, 0, device=device, progress=False), device)
    return seconds(lambda: train(gan, 1 + steps, 0, device=device, progress=False), device) - once


def compare(device, threads: int) -> dict[str, float]:
    """Time all sides in turns and print a line each; return the ratios to the usual way."""
    torch.set_num_threads(threads)
    usual, bare = UsualWay(device), Bare(device)
    usual(3), bare(3)
    rows = []
    for _ in range(PAIRS):
        spent = [seconds(lambda: usual(STEPS), device), *(course(p, STEPS, device) for p in PRECISIONS),
                 seconds(lambda: bare(STEPS), device)]
        rows.append([s / STEPS for s in spent] + [peak(device)])
    *columns, peaks = (statistics.median(column) for column in zip(*rows, strict=True))
    print(f"{device}, {threads} thread{'s' * (threads > 1)}, products up to {peaks / 1e9:.0f} GFLOP/s in float32")
    ratios = {}
    for i, (name, spent) in enumerate(zip(("the usual way", *PRECISIONS, BARE), columns, strict=True)):
        share = statistics.median(bare.operations() / row[i] / row[-1] for row in rows)
        found = sorted(row[0] / row[i] for row in rows)
        ratios[name] = statistics.median(found)
        label = f"the course's loop, {name}" if name in PRECISIONS else name
        print(f"{label:>28s}{1 / spent:8.1f} steps a second{1000 * spent:8.1f} ms a step{share:6.0%} of these"
              f"{ratios[name]:8.2f} times ({found[0]:.2f}-{found[-1]:.2f})", flush=True)
    return ratios


def main() -> None:
    threads = torch.get_num_threads()
    print(f"torch {torch.__version__}; a step needs {Bare('cpu').operations() / 1e9:.2f} GFLOP in matrix products")
    for count in sorted({1, threads}):
        ratios = compare(torch.device("cpu"), count)
    if torch.cuda.is_available():
        compare(torch.device("cuda"), threads)
    else:
        print("no GPU here: its lines are left out")
    if sys.platform != "win32":
        unit = 2**20 if sys.platform == "darwin" else 2**10
        print(f"peak memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit:.0f} MiB")
    print(f"ratio in float32: {ratios['float32']:.2f}; in bfloat16: {ratios['bfloat16']:.2f}")
    print(f"ratio: {max(ratios[precision] for precision in PRECISIONS):.2f}")


if __name__ == "__main__":
    main()
