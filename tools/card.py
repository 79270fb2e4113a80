"""Draw the preview that links to the course carry: python -m tools.card writes book/_static/card.png.

Eight digits of MNIST's test set and eight of the recorded generator of chapter 6, as they come, in mixed order.
"""

from pathlib import Path

import torch
from matplotlib import pyplot as plt

from gan_helpers import mnist, plots, recipes, recorded

PICTURE = Path(__file__).parent.parent / "book" / "_static" / "card.png"
SIZE, DPI = (12.0, 6.3), 100  # 1200 x 630 pixels


def sixteen(seed: int = 0) -> torch.Tensor:
    """Real and made digits in mixed order: (16, 784), from -1 to 1."""
    rng, gan, test = torch.Generator().manual_seed(seed), recipes.BEST, mnist.images("test")
    generator = recorded.generator("mnist_deeper", "the best", gan.generator())
    real = test(8, rng)
    return torch.cat([real, generator(gan.noise(8, rng))])[torch.randperm(16, generator=rng)]


def main() -> None:
    plots.style.use()
    plt.rcParams["figure.constrained_layout.use"] = False
    fig = plt.figure(figsize=SIZE, facecolor="white")
    fig.text(0.05, 0.82, "Forgers & Detectives", fontsize=46, fontweight="bold")
    fig.text(0.05, 0.73, "Learn GANs by building small ones and measuring them", fontsize=22, color="0.3")
    ax = fig.add_axes((0.05, 0.19, 0.9, 0.46))
    plots.images.grid(sixteen(), columns=8, scale="[-1, 1]", ax=ax)
    fig.text(0.05, 0.08, "Eight were written by people, eight by a small network. Which?", fontsize=22)
    fig.savefig(PICTURE, dpi=DPI, metadata={"Software": None})
    print(f"wrote {PICTURE.name}")


if __name__ == "__main__":
    main()
