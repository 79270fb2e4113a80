"""Draw the picture of the README: python -m tools.readme_picture writes book/_static/readme.png."""

from pathlib import Path

from matplotlib import pyplot as plt

from benchmarks.even_numbers import ARTICLE, REPAIRED
from gan_helpers import noise, plots
from gan_helpers.training import train

PICTURE = Path(__file__).parent.parent / "book" / "_static" / "readme.png"
STEPS = (0, 100, 500)


def main() -> None:
    plots.style.use()
    rows = (("first recipe", ARTICLE, 9), ("repaired", REPAIRED, 0))
    fig, axes = plt.subplots(len(rows), len(STEPS), figsize=(9, 3.6), sharex=True, sharey=True)
    for row, (name, gan, seed) in zip(axes, rows, strict=True):
        run = train(gan, STEPS[-1], seed, evaluate=lambda run: run.generator(noise.all_bits()), evaluate_at=STEPS)
        for ax, step in zip(row, STEPS, strict=True):
            plots.bits.soft_numbers(run.evaluations[step], ax)
            ax.set_title(f"{name}, step {step}")
    fig.supxlabel("the number that the outputs of G add up to", fontsize=10)
    fig.supylabel("last bit (shaded: odd)", fontsize=10)
    fig.savefig(PICTURE, metadata={"Software": None})
    print(f"wrote {PICTURE.name}")


if __name__ == "__main__":
    main()
