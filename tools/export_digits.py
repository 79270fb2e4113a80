"""Write what the live demos of digits need: python -m tools.export_digits makes the files named below in
book/_static/live from the recordings and MNIST; with --judge it trains the discriminator, too (minutes on one core).

    digits_NAME.js      a generator's weights, NAME being two_layers (chapter 5) or deeper (chapter 6)
    digits_NAME.png     the first 24 digits that the browser makes with them, seed 1
    detective_NAME.png  200 fakes of that generator, not picked; and detective_real.png, 200 test images
    detective_data.js   the probability that a discriminator gives to "real", for each image of the three pictures

Weights. Batch norm is folded into the linear layer before it. Each row of a weight matrix is a scale times whole
numbers from -45 to 45, and each of these is one printable character, so that a weight is one byte in the file.

Directions. In noise space, the eigenvectors of the mean of J^T J over noise, J being the Jacobian of the pixels: among
all directions at right angles to those before it, each changes the pixels most, on average over noise.

The discriminator. Chapter 6's with dropout, new weights, trained on 6,000 batches of 128 for the visitor's own task:
half of each batch are training images, a quarter fakes of each generator, rounded to the 256 gray levels that the
pictures have. The images of the pictures are none that it was trained on.
"""

import argparse
import dataclasses
import functools
import json
import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional
from tqdm import tqdm

from gan_helpers import discriminators, losses, mnist, recipes, recorded
from gan_helpers.gan import GAN

FOLDER = Path(__file__).resolve().parent.parent / "book" / "_static" / "live"
LEVELS = 45  # whole numbers from -45 to 45: as many as there are printable characters, but for a few
FIRST, SKIPPED = ord("#"), ord("\\")  # no quote, no backslash
DIRECTIONS, PREVIEW, SHOWN, COLUMNS = 6, 24, 200, 20
STEPS, BATCH = 6000, 128


@dataclasses.dataclass(frozen=True)
class Recording:
    """A recorded generator: where it is kept, and the recipe that made it."""

    name: str
    row: str
    gan: GAN
    scale: str
    noise: str  # "normal" or "uniform", as the browser draws it

    @functools.cached_property
    def generator(self) -> nn.Module:
        return recorded.generator(self.name, self.row, self.gan.generator())

    def fakes(self, count: int, rng: torch.Generator) -> torch.Tensor:
        """(count, 784) gray levels from 0 to 255, whole numbers."""
        pixels = self.generator(self.gan.noise(count, rng))
        return (mnist.to_gray(pixels, self.scale) * 255).round().flatten(1)


RECORDINGS = {
    "two_layers": Recording("mnist_two_layers", "long, uniform", recipes.TWO_LAYERS_UNIFORM, "[0, 1]", "uniform"),
    "deeper": Recording("mnist_deeper", "the best", recipes.BEST, "[-1, 1]", "normal"),
}


def folded(generator: nn.Module) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """[(weight, bias)] in double precision, batch norm in evaluation mode being part of the layer before it."""
    layers = []
    for module in generator:
        if isinstance(module, nn.Linear):
            layers.append((module.weight.double(), module.bias.double()))
        elif isinstance(module, nn.BatchNorm1d):
            weight, bias = layers[-1]
            factor = module.weight.double() / torch.sqrt(module.running_var.double() + module.eps)
            layers[-1] = weight * factor[:, None], (bias - module.running_mean) * factor + module.bias
    return layers


def slope(generator: nn.Module) -> float:
    """Of the hidden activation below 0: 0 for ReLU."""
    return next((module.negative_slope for module in generator if isinstance(module, nn.LeakyReLU)), 0.0)


def forward(layers, slope: float, z: torch.Tensor) -> torch.Tensor:
    """(n, 784) gray in [0, 1]. Both last layers are a sigmoid then, since (tanh(x) + 1) / 2 = sigmoid(2 x)."""
    for weight, bias in layers[:-1]:
        z = functional.leaky_relu(z @ weight.T + bias, slope)
    weight, bias = layers[-1]
    return torch.sigmoid(z @ weight.T + bias)


def layers_of(generator: nn.Module) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """`folded`, for `forward`: where the last layer is tanh, its pre-activation is doubled."""
    layers = folded(generator)
    if isinstance(generator[-1], nn.Tanh):
        weight, bias = layers[-1]
        layers[-1] = 2 * weight, 2 * bias
    return layers


def encode(weight: torch.Tensor, bias: torch.Tensor) -> dict:
    """A layer as the file has it. Each row gets the scale that leaves the least squared error."""
    largest = weight.abs().amax(1, keepdim=True).clamp_min(1e-12)
    scales = torch.linspace(0.4, 1, 61, dtype=torch.float64) * largest / LEVELS  # (rows, 61)
    error = torch.stack([(nearest(weight, scale[:, None]) * scale[:, None] - weight).square().sum(1)
                         for scale in scales.T])
    scale = scales.gather(1, error.argmin(0)[:, None])
    codes = nearest(weight, scale).long() + LEVELS + FIRST
    codes += codes >= SKIPPED
    return {"ins": weight.shape[1], "outs": len(weight), "scale": rounded(scale.flatten(), 6), "bias": rounded(bias, 6),
            "weights": codes.flatten().to(torch.uint8).numpy().tobytes().decode("ascii")}


def nearest(weight: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    return (weight / scale).round().clamp(-LEVELS, LEVELS)


def rounded(values: torch.Tensor, digits: int) -> list[float]:
    """To so many digits that count."""
    return [float(f"{value:.{digits}g}") for value in values.tolist()]


def decode(layer: dict) -> tuple[torch.Tensor, torch.Tensor]:
    """(weight, bias), as the browser reads them."""
    codes = torch.from_numpy(np.frombuffer(layer["weights"].encode("ascii"), np.uint8).astype(np.int64))
    codes -= (codes > SKIPPED).long()
    weight = (codes - FIRST - LEVELS).double().reshape(layer["outs"], layer["ins"])
    return weight * torch.tensor(layer["scale"]).double()[:, None], torch.tensor(layer["bias"]).double()


def read(name: str, folder: Path = FOLDER) -> dict:
    """The value in a script `Live.data("NAME", value);`."""
    text = (folder / f"{name}.js").read_text("ascii")
    return json.loads(text[text.index(f'Live.data("{name}", ') + len(f'Live.data("{name}", '):text.rindex(");")])


def write(name: str, value: dict, folder: Path = FOLDER) -> None:
    text = json.dumps(value, separators=(",", ":"))
    (folder / f"{name}.js").write_text(f'// Made by python -m tools.export_digits.\nLive.data("{name}", {text});\n',
                                       "ascii")


def random_numbers(seed: int):
    """The browser's random numbers between 0 and 1: Live.random in nn.js."""
    state, first = (seed + 1) * 0x9E3779B1 % 2**32, True
    while True:
        state = (state * 747796405 + 2891336453) % 2**32
        word = ((state >> (state >> 28) + 4) ^ state) * 277803737 % 2**32
        if not first:
            yield ((word >> 22 ^ word) + 0.5) / 2**32
        first = False


def browser_noise(kind: str, seed: int, count: int) -> torch.Tensor:
    """(count, 100) noise as the browser draws it: uniform in [-1, 1], or normal by Box and Muller's way."""
    numbers = random_numbers(seed)
    u = torch.tensor([next(numbers) for _ in range(count * recipes.NOISE)], dtype=torch.float64)
    if kind == "normal":
        radius, angle = torch.sqrt(-2 * torch.log(u[::2])), 2 * math.pi * u[1::2]
        u = torch.stack([radius * torch.cos(angle), radius * torch.sin(angle)], 1)
    else:
        u = 2 * u - 1
    return u.reshape(count, recipes.NOISE)


def directions(recording: Recording, count: int = 300) -> torch.Tensor:
    """(DIRECTIONS, 100): unit vectors, the one that changes the pixels most first; to the right means more ink."""
    generator = recording.generator
    layers, below = layers_of(generator), slope(generator)
    z = recording.gan.noise(count, torch.Generator().manual_seed(0)).double()
    jacobians = torch.func.vmap(torch.func.jacfwd(lambda one: forward(layers, below, one)), chunk_size=50)(z)
    _, vectors = torch.linalg.eigh((jacobians.mT @ jacobians).mean(0))
    found = vectors.flip(1)[:, :DIRECTIONS].T  # the largest eigenvalues come last
    return found * (jacobians.sum(1).mean(0) @ found.T).sign()[:, None]


def pictures(gray: torch.Tensor, columns: int) -> Image.Image:
    """(n, 784) gray levels from 0 to 255 as tiles of 28 x 28 without gaps."""
    tiles = gray.reshape(-1, columns, 28, 28).transpose(1, 2)
    return Image.fromarray(tiles.reshape(-1, columns * 28).to(torch.uint8).numpy())


def tiles(path: Path, columns: int = COLUMNS) -> torch.Tensor:
    """(n, 784) gray levels from a picture of tiles."""
    levels = torch.from_numpy(np.array(Image.open(path)))
    return levels.reshape(-1, 28, columns, 28).transpose(1, 2).reshape(-1, 784)


def shown() -> dict[str, torch.Tensor]:
    """The detective's images, (SHOWN, 784) gray levels: test images drawn by chance, and fakes."""
    rng = torch.Generator().manual_seed(2)
    real = mnist.images("test").pixels[torch.randperm(mnist.SPLITS["test"], generator=rng)[:SHOWN]]
    return {"real": real.flatten(1)} | {name: recording.fakes(SHOWN, rng) for name, recording in RECORDINGS.items()}


def seen(gray: torch.Tensor) -> torch.Tensor:
    """Gray levels as D gets them, in [-1, 1]."""
    return gray / 127.5 - 1


def judge(steps: int = STEPS) -> nn.Module:
    """Train the discriminator against both generators, which stay as they are."""
    torch.manual_seed(0)
    rng = torch.Generator().manual_seed(0)
    discriminator = discriminators.deep_discriminator().train()
    optimizer = torch.optim.Adam(discriminator.parameters(), recipes.DEEPER.lr)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, steps)
    for _ in tqdm(range(steps), desc="training D"):
        real = mnist.digits(BATCH // 2, rng)
        fake = torch.cat([seen(recording.fakes(BATCH // 4, rng)) for recording in RECORDINGS.values()])
        loss = losses.discriminator_loss(discriminator(real), discriminator(fake))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return discriminator.eval()


@torch.no_grad()
def verdicts(discriminator: nn.Module, gray: torch.Tensor) -> torch.Tensor:
    """(n,) probabilities of "real"."""
    return torch.sigmoid(discriminator(seen(gray.float()))).flatten()


def export_generators() -> None:
    for name, recording in RECORDINGS.items():
        generator = recording.generator
        below = slope(generator)
        value = {"noise": recording.noise, "slope": below,
                 "directions": [rounded(direction, 4) for direction in directions(recording)],
                 "layers": [encode(*layer) for layer in layers_of(generator)]}
        write(f"digits_{name}", value)
        made = forward([decode(layer) for layer in value["layers"]], below, browser_noise(recording.noise, 1, PREVIEW))
        pictures((made * 255).round(), PREVIEW // 3).save(FOLDER / f"digits_{name}.png", optimize=True)
    for name, gray in shown().items():
        pictures(gray, COLUMNS).save(FOLDER / f"detective_{name}.png", optimize=True)


def export_judge() -> None:
    discriminator = judge()
    found = {name: verdicts(discriminator, gray) for name, gray in shown().items()}
    write("detective_data", {name: rounded(probabilities, 3) for name, probabilities in found.items()})
    rng = torch.Generator().manual_seed(3)
    others = {"real": mnist.images("test").pixels.flatten(1)}
    others |= {name: recording.fakes(2000, rng) for name, recording in RECORDINGS.items()}
    for kind, images in {"shown": found, "others": {k: verdicts(discriminator, v) for k, v in others.items()}}.items():
        print(kind, {name: f"{((p > 0.5) == (name == 'real')).double().mean():.1%}" for name, p in images.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judge", action="store_true", help="train the discriminator, too")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    export_generators()
    if arguments.judge:
        export_judge()
    for path in sorted([*FOLDER.glob("d*_*.js"), *FOLDER.glob("d*_*.png")]):
        print(f"{path.name:26s}{path.stat().st_size:12,d} bytes")


if __name__ == "__main__":
    main()
