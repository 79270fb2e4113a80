"""The page Troubleshooting quotes PyTorch: each message is provoked, and is found on the page as PyTorch says it."""

import re
from pathlib import Path

import pytest
import torch
from torch import nn

PAGE = (Path(__file__).parents[1] / "book/troubleshooting.md").read_text("utf-8")


def parts():
    """A G, a D, noise and real samples, as on the page."""
    torch.manual_seed(0)
    G, D = (nn.Sequential(nn.Linear(a, 8), nn.LeakyReLU(0.2), nn.Linear(8, b)) for a, b in ((3, 2), (2, 1)))
    return G, D, torch.randn(16, 3), torch.randn(16, 2)


def backward_twice():
    G, D, z, real = parts()
    fake = G(z)  # not detached
    (D(fake).mean() - D(real).mean()).backward()
    (-D(fake).mean()).backward()


def weights_moved_meanwhile():
    G, D, z, real = parts()
    optimizer = torch.optim.SGD(D.parameters(), 0.1)
    fake_logits = D(G(z))
    (fake_logits.mean() - D(real).mean()).backward(retain_graph=True)
    optimizer.step()
    (-fake_logits.mean()).backward()


def layer_in_place():
    _, _, _, real = parts()
    D = nn.Sequential(nn.Linear(2, 8), nn.Sigmoid(), nn.LeakyReLU(0.2, inplace=True), nn.Linear(8, 1))
    D(real).mean().backward()


def target_size():
    _, D, _, real = parts()
    nn.BCEWithLogitsLoss()(D(real), torch.ones(16))


def target_size_of_bce():
    _, D, _, real = parts()
    nn.BCELoss()(torch.sigmoid(D(real)), torch.ones(16))


def outside_of_zero_and_one():
    _, D, _, real = parts()
    nn.BCELoss()(10 + D(real), torch.ones(16, 1))


def one_value():
    nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8))(torch.randn(1, 3))


def nothing_to_learn():
    G, D, z, _ = parts()
    D.requires_grad_(False)
    with torch.no_grad():
        fake = G(z)
    (-D(fake).mean()).backward()


def not_a_scalar():
    G, D, z, _ = parts()
    (-D(G(z))).backward()


def shapes():
    nn.Linear(784, 1)(torch.randn(16, 28, 28))


def kinds_of_numbers():
    nn.Linear(2, 1)(torch.randn(16, 2, dtype=torch.float64))


def integers():
    nn.Linear(2, 1)(torch.zeros(16, 2, dtype=torch.uint8))



def to_numpy():
    G, _, z, _ = parts()
    G(z).numpy()


def empty():
    torch.optim.Adam(nn.Sequential(nn.Flatten()).parameters())


PROVOKED = (backward_twice, weights_moved_meanwhile, layer_in_place, target_size, target_size_of_bce,
            outside_of_zero_and_one, one_value, nothing_to_learn, not_a_scalar, shapes, kinds_of_numbers, integers,
            to_numpy, empty)


def quoted() -> list[str]:
    """The messages in the page's headings, without their dots."""
    return [part.strip() for heading in re.findall(r"^### `(.*)`$", PAGE, re.M) for part in heading.split("...")
            if part.strip()]


@pytest.mark.parametrize("provoke", PROVOKED, ids=lambda provoke: provoke.__name__)
def test_what_pytorch_says_is_on_the_page(provoke):
    with pytest.raises((RuntimeError, ValueError)) as raised:
        provoke()
    headings = re.findall(r"^### `(.*)`$", PAGE, re.M)
    fitting = [heading for heading in headings
               if all(part.strip() in str(raised.value) for part in heading.split("..."))]
    assert fitting, str(raised.value)


def test_every_quoted_message_was_provoked_here_or_needs_a_gpu():
    said = []
    for provoke in PROVOKED:
        with pytest.raises((RuntimeError, ValueError)) as raised:
            provoke()
        said.append(str(raised.value))
    unheard = [part for part in quoted() if not any(part in message for message in said)]
    assert unheard == ["Expected all tensors to be on the same device"]
