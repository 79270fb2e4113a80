"""Exercise 5: networks for shuffled pixels."""

import copy

import torch
from torch import nn

from gan_helpers import discriminators, generators
from tests.exercises.bank_mnist_two_layers import right, wrong

NAME = "shuffled_players"


@right(NAME)
def with_data(g, d, order):
    g, d = copy.deepcopy(g), copy.deepcopy(d)
    d[0].weight.data = d[0].weight.data[:, order]
    for p in g[2].parameters():
        p.data = p.data[order]
    return g, d


@right(NAME)
def a_permutation_matrix(g, d, order):
    shuffle = torch.eye(784)[order]
    g, d = copy.deepcopy(g), copy.deepcopy(d)
    with torch.no_grad():
        d[0].weight.copy_(d[0].weight @ shuffle.T)
        g[2].weight.copy_(shuffle @ g[2].weight)
        g[2].bias.copy_(shuffle @ g[2].bias)
    return [g.requires_grad_(False), d]


@right(NAME)
def pixel_by_pixel(g, d, order):
    fresh = generators.two_layer_generator(), discriminators.two_layer_discriminator()
    for new, old in zip(fresh, (g, d), strict=True):
        new.load_state_dict(old.state_dict())
    for j, i in enumerate(order.tolist()):
        fresh[1][0].weight.data[:, j] = d[0].weight.data[:, i]
        fresh[0][2].weight.data[j] = g[2].weight.data[i]
        fresh[0][2].bias.data[j] = g[2].bias.data[i]
    return fresh


@right(NAME)
def with_new_layers(g, d, order):
    first, last = nn.Linear(784, 128), nn.Linear(392, 784)
    first.weight, first.bias = nn.Parameter(d[0].weight[:, order]), d[0].bias
    last.weight, last.bias = nn.Parameter(g[2].weight[order]), nn.Parameter(g[2].bias[order])
    return nn.Sequential(g[0], g[1], last, g[3]), nn.Sequential(first, d[1], d[2])


def variant(columns=None, rows=None, biases=None):
    """columns of D's first weight, rows of G's last weight and G's last biases: functions of the order."""
    def answer(g, d, order):
        g, d = copy.deepcopy(g), copy.deepcopy(d)
        if columns:
            d[0].weight.data = d[0].weight.data[:, columns(order)]
        if rows:
            g[2].weight.data = g[2].weight.data[rows(order)]
        if biases:
            g[2].bias.data = g[2].bias.data[biases(order)]
        return g, d

    return answer


def same(order):
    return order


def back(order):
    return order.argsort()


def in_place(g, d, order):
    d[0].weight.data = d[0].weight.data[:, order]
    g[2].weight.data, g[2].bias.data = g[2].weight.data[order], g[2].bias.data[order]
    return g, d


def shallow(g, d, order):
    g, d = copy.copy(g), copy.copy(d)
    d[0].weight.data[:] = d[0].weight.data[:, order]
    g[2].weight.data[:], g[2].bias.data[:] = g[2].weight.data[order], g[2].bias.data[order]
    return g, d


class Unshuffle(nn.Module):
    def __init__(self, network, order, after):
        super().__init__()
        self.network, self.order, self.after = network, order, after

    def forward(self, x):
        return self.network(x)[:, self.order] if self.after else self.network(x[:, self.order.argsort()])


def wrapped(g, d, order):
    return Unshuffle(g, order, True), Unshuffle(d, order, False)


def one_more_layer(g, d, order):
    layer = nn.Linear(784, 784, bias=False)
    layer.weight.data = torch.eye(784)[order.argsort()]
    return variant(None, same, same)(g, d, order)[0], nn.Sequential(layer, *d)


def rows_of_the_first(g, d, order):
    d = copy.deepcopy(d)
    d[0].weight.data = d[0].weight.data[order]
    return g, d


def columns_of_g(g, d, order):
    g, d = variant(same)(g, d, order)
    g[2].weight.data = g[2].weight.data[:, order]
    return g, d


def first_layer_of_g(g, d, order):
    g, d = variant(same)(g, d, order)
    g[0].weight.data = g[0].weight.data[order[order < 392]]
    return g, d


def random_columns(g, d, order):
    return variant(lambda order: torch.randperm(784))(g, d, order)


def fresh(g, d, order):
    return generators.two_layer_generator(), discriminators.two_layer_discriminator()


def an_inplace_leaf(g, d, order):
    d = copy.deepcopy(d)
    d[0].weight[:] = d[0].weight[:, order]
    return g, d


def a_tensor_for_a_weight(g, d, order):
    d = copy.deepcopy(d)
    d[0].weight = d[0].weight[:, order]
    return g, d


def upside_down(order):
    return order.flip(0)


ANSWERS = {
    variant(): "D is as it was, so shuffled images look different to it",
    lambda g, d, order: (g, d): "D is as it was",
    variant(None, same, same): "D is as it was",
    variant(back, same, same): "D's columns are in the order that undoes the shuffle",
    variant(back, back, back): "D's columns are in the order that undoes the shuffle",
    variant(upside_down, same, same): "Column j of its first weight belongs to pixel order[j]",
    random_columns: "Column j of its first weight",
    fresh: "and D gave",
    variant(same): "G is as it was: its pixels are in the old order",
    variant(same, back, back): "G's rows are in the order that undoes the shuffle",
    variant(same, same): "In G the weights moved and the biases stayed",
    variant(same, None, same): "In G the biases moved and the weights stayed",
    variant(same, same, back): "Which row of its last layer belongs to pixel order[j]?",
    variant(same, upside_down, upside_down): "Which row of its last layer",
    lambda g, d, order: variant(same, same, same)(g, d, order)[::-1]: "the two are swapped",
    lambda g, d, order: (d, g): "the two are swapped",
    in_place: "changes the networks it is given",
    shallow: "changes the networks it is given",
    wrapped: "your G has other layers than the one given",
    one_more_layer: "your D has other layers than the one given",
    first_layer_of_g: "D is right. G's fakes are not the old fakes",
    lambda g, d, order: (lambda z: g(z)[:, order], lambda x: d(x[:, back(order)])): "two networks, not ['function',",
    lambda g, d, order: (g.state_dict(), d.state_dict()): "two networks, not ['OrderedDict',",
    lambda g, d, order: variant(same, same, same)(g, d, order)[1]: "return the pair (generator, discriminator)",
    lambda g, d, order: (*variant(same, same, same)(g, d, order), order): "return the pair",
    lambda g, d, order: {"g": g, "d": d}: "return the pair (generator, discriminator)",
    lambda g, d, order: (g, d[:2]): "your D has other layers",
    rows_of_the_first: "stopped with IndexError",
    columns_of_g: "stopped with IndexError",
    an_inplace_leaf: "stopped with RuntimeError",
    a_tensor_for_a_weight: "stopped with TypeError",
    lambda g, d: (g, d): "stopped with TypeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
