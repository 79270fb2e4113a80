"""Train the classifier of digits: python -m tools.train_classifier writes gan_helpers/recorded/classifier.pt.

Twenty passes over the 60,000 training images, each shifted by up to two pixels, with Adam and a rate that falls to
zero; about 5 minutes on one core. The test images are looked at once, at the end; below 99.2 % nothing is written.
"""

import io

import torch
from torch import nn
from tqdm import tqdm

from gan_helpers import metrics, mnist

EPOCHS, BATCH, RATE, SHIFT, SEED, LEAST = 20, 128, 2e-3, 2, 0, 0.992


def shifted(images: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """(n, 28, 28) images, each moved by up to SHIFT pixels along both axes; what is moved in is background."""
    n = len(images)
    wide = nn.functional.pad(images, (SHIFT,) * 4)
    rows, columns = (torch.arange(28) + torch.randint(0, 2 * SHIFT + 1, (n, 1), generator=rng) for _ in range(2))
    return wide[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]


def train(epochs: int = EPOCHS) -> nn.Module:
    train_set, rng = mnist.images("train", "[0, 1]"), torch.Generator().manual_seed(SEED)
    torch.manual_seed(SEED)
    model = metrics.digits.network()
    steps = epochs * (len(train_set) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    bar = tqdm(total=steps, desc="training")
    for _ in range(epochs):
        order = torch.randperm(len(train_set), generator=rng)
        for index in order[:len(order) // BATCH * BATCH].split(BATCH):
            images = shifted(train_set.pixels[index].float() / 255, rng).unsqueeze(1)
            loss = nn.functional.cross_entropy(model(images), train_set.labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            bar.update()
            bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
    return model.eval()


@torch.no_grad()
def accuracy(model: nn.Module) -> float:
    """The share of the 10,000 test images that the model names right."""
    test = mnist.images("test", "[0, 1]", "1x28x28")
    logits = torch.cat([model(test.at(slice(i, i + 1000))) for i in range(0, len(test), 1000)])
    return (logits.argmax(1) == test.labels).double().mean().item()


def main() -> None:
    torch.set_num_threads(1)
    model = train()
    reached = accuracy(model)
    if reached < LEAST:
        raise SystemExit(f"the classifier names {reached:.2%} of the test images right, less than {LEAST:.1%}")
    content = io.BytesIO()
    torch.save(model.state_dict(), content)
    path = metrics.digits.files("gan_helpers.recorded") / "classifier.pt"
    path.write_bytes(content.getvalue())
    print(f"{reached:.2%} of the test images right; wrote {path.name}, {len(content.getvalue()):,} bytes")


if __name__ == "__main__":
    main()
