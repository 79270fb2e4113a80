"""Exercise 6, second part: one step of the average of G's weights."""

import copy

import torch

from gan_helpers.training.steps import update_ema
from tests.exercises.bank_mnist_deeper import right, wrong

NAME = "update_average"


@right(NAME)
def with_load_state_dict(average, generator, keep):
    old, new = average.state_dict(), generator.state_dict()
    mixed = {key: keep * old[key] + (1 - keep) * new[key] if old[key].is_floating_point() else new[key] for key in old}
    average.load_state_dict(mixed)
    return average


@right(NAME)
def parameters_and_buffers(average, generator, keep):
    for old, new in zip(average.parameters(), generator.parameters(), strict=True):
        old.data = old.data + (1 - keep) * (new.data - old.data)
    for old, new in zip(average.buffers(), generator.buffers(), strict=True):
        if old.dtype == torch.long:
            old.copy_(new)
        else:
            old.lerp_(new, 1 - keep)
    return average


@right(NAME)
def by_name(average, generator, keep):
    theirs = generator.state_dict()
    for name, mine in average.state_dict().items():
        if "num_batches" in name:
            mine.fill_(theirs[name].item())
        else:
            mine.mul_(keep).add_((1 - keep) * theirs[name])
    return average


def step(change, only=None, counter=True, estimates=None):
    """The right step with another change(old, new, keep); only: of names with this in them."""
    @torch.no_grad()
    def update(average, generator, keep):
        new = generator.state_dict()
        for name, old in average.state_dict().items():
            moving = estimates if estimates and "running" in name else change
            if old.is_floating_point() and (only is None or only in name):
                old.copy_(moving(old, new[name], keep))
            elif counter and not old.is_floating_point():
                old.copy_(new[name])
        return average

    return update


def mix(old, new, keep):
    return keep * old + (1 - keep) * new


def parameters_only(average, generator, keep):
    for old, new in zip(average.parameters(), generator.parameters(), strict=True):
        old.data.lerp_(new.data, 1 - keep)
    return average


def buffers_copied(average, generator, keep):
    parameters_only(average, generator, keep)
    for old, new in zip(average.buffers(), generator.buffers(), strict=True):
        old.copy_(new)
    return average


def counter_averaged(average, generator, keep):
    step(mix, counter=False)(average, generator, keep)
    counter, new = average[1].num_batches_tracked, generator[1].num_batches_tracked
    counter.copy_((keep * counter + (1 - keep) * new).long())
    return average


def counter_a_float(average, generator, keep):
    step(mix)(average, generator, keep)
    average[1].num_batches_tracked = average[1].num_batches_tracked.float()
    return average


def new_network(average, generator, keep):
    return step(mix)(copy.deepcopy(average), generator, keep)


def into_the_generator(average, generator, keep):
    with torch.no_grad():
        for old, new in zip(average.state_dict().values(), generator.state_dict().values(), strict=True):
            if old.is_floating_point():
                new.mul_(1 - keep).add_(old, alpha=keep)
    return average


def returns_the_generator(average, generator, keep):
    step(mix)(average, generator, keep)
    return generator


def remembers(average, generator, keep):
    step(mix)(average, generator, keep)
    for old, new in zip(average.parameters(), generator.parameters(), strict=True):
        old.requires_grad_(True)
        old.data = new.data * 0 + old.data
    return average


def in_a_graph(average, generator, keep):
    for old, new in zip(average.parameters(), generator.parameters(), strict=True):
        old.mul_(keep).add_(new, alpha=1 - keep)
    return average


def shares_memory(average, generator, keep):
    for old, new in zip(average.parameters(), generator.parameters(), strict=True):
        old.data = new.data
    return average


def freezes_g(average, generator, keep):
    return step(mix)(average, generator.requires_grad_(False), keep)


def adds_a_layer(average, generator, keep):
    average.append(torch.nn.Linear(2, 2).requires_grad_(False))
    return average


def in_place_of_a_counter(average, generator, keep):
    for old, new in zip(average.state_dict().values(), generator.state_dict().values(), strict=True):
        old.lerp_(new, 1 - keep)
    return average


def ready(average, generator, keep):
    update_ema(average, generator, keep)
    return average


ANSWERS = {
    parameters_only: "batch norm's running estimates did not move. They are buffers, not parameters",
    buffers_copied: "batch norm's running estimates became G's",
    counter_averaged: "num_batches_tracked counts batches, and is copied: it should be 20",
    counter_a_float: "num_batches_tracked counts batches, and is copied",
    step(mix, counter=False): "it should be 20, not 10",
    step(lambda old, new, keep: mix(new, old, keep)): "the weights take keep of G. They keep that share of themselves",
    step(lambda old, new, keep: new): "the weights became G's",
    step(lambda old, new, keep: old): "the weights did not move",
    lambda average, generator, keep: average: "the weights did not move",
    step(lambda old, new, keep: (old + new) / 2): "the weights go half of the way",
    step(lambda old, new, keep: 0.9 * old + 0.1 * new): "with keep = 0.75, the weights move a tenth",
    step(lambda old, new, keep: mix(mix(old, new, keep), new, keep)): "the weights moved twice",
    step(lambda old, new, keep: old + (1 - keep) * new): "the weights give nothing up",
    step(lambda old, new, keep: keep * old + (1 + keep) * new): "0.weight is not keep times what it was",
    step(lambda old, new, keep: old * torch.nan): "0.weight is not keep times",
    step(mix, only="weight"): "0.bias is not keep times what it was",
    step(mix, only="0."): "is not keep times what it was",
    step(mix, estimates=lambda old, new, keep: mix(new, old, keep)): "running estimates take keep of G",
    step(mix, estimates=lambda old, new, keep: (old + new) / 2): "running estimates go half of the way",
    new_network: "return the average that was given, not another network",
    freezes_g: "G can no longer learn",
    returns_the_generator: "return the average that was given, not another network",
    lambda average, generator, keep: generator: "return the average that was given, not another network",
    lambda average, generator, keep: step(mix)(average, generator, keep).state_dict(): "changed; not OrderedDict",
    lambda average, generator, keep: "done": "changed; not str",
    into_the_generator: "G has changed",
    remembers: "the average now hangs on G's graph",
    in_a_graph: "the average now hangs on G's graph",
    shares_memory: "the average shares its memory with G",
    adds_a_layer: "the average has other layers than before",
    in_place_of_a_counter: "stopped with NotImplementedError",
    ready: "calls update_ema, and that is the whole answer",
    lambda average, generator: average: "stopped with TypeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
