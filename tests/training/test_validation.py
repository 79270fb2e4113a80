"""What is refused before the first step: each mistake in words of its own, alone and stacked."""

import dataclasses
import functools
import math
import time
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.functional import logsigmoid, softplus

from benchmarks.even_numbers import REPAIRED
from gan_helpers import data, discriminators, generators, layers, losses, mnist, noise, recipes
from gan_helpers.data import even_numbers
from gan_helpers.gan import GAN
from gan_helpers.noise import random_bits
from gan_helpers.training import train, train_many, validation
from tests.training.shared import ARTICLE, many, quiet

NUMBERS = GAN(data.gaussian, noise.uniform, generators.number_generator,
              functools.partial(discriminators.hidden_discriminator, 1))


def play(gan=ARTICLE, steps=2, seed=0, device="cpu", **changes):
    """Train with some settings changed, once alone and once as two runs; both have to say the same."""
    gan = dataclasses.replace(gan, **changes)
    try:
        return train(gan, steps, seed, device=device, progress=False)
    except (ValueError, TypeError) as error:
        with pytest.raises(type(error)) as stacked:
            train_many(gan, steps, [seed, 5], device=device, progress=False)
        assert str(stacked.value) == str(error)
        raise


def refuses(error, says, gan=ARTICLE, **changes):
    """Both ways refuse, and nothing has changed."""
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    with pytest.raises(error, match=says):
        play(gan, **changes)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    assert torch.is_grad_enabled()


# --- settings ---


@pytest.mark.parametrize(("steps", "error"), [
    (0, ValueError), (-1, ValueError), (True, TypeError), (2.0, TypeError), ("2", TypeError), (None, TypeError),
])  # fmt: skip
def test_steps_and_batch_size_are_whole_numbers_from_1(steps, error):
    refuses(error, rf"^steps must be .*, got '?{steps}'?.*Pass a", steps=steps)
    refuses(error, rf"^batch_size must be .*, got '?{steps}'?.*Pass a", batch_size=steps)


@pytest.mark.parametrize(("seed", "error"), [(-1, ValueError), (True, TypeError), (1.0, TypeError), ("a", TypeError)])
def test_a_seed_is_a_whole_number_from_0(seed, error):
    refuses(error, rf"^seed must be .*, got '?{seed}'?.*Pass a", seed=seed)


@pytest.mark.parametrize(("name", "value", "says"), [
    ("lr", 0, "lr must be above 0 and below 1e+30, got 0"), ("lr", -1e-3, "got -0.001"), ("lr", math.nan, "got nan"),
    ("lr", math.inf, "got inf"), ("d_lr", 0.0, "d_lr must be above 0 and below 1e+30"),
    ("r1", -0.1, "r1 must be 0 or more and finite, got -0.1"), ("gp", -1, "gp must be 0 or more"),
    ("clip", math.inf, "clip must be 0 or more and finite, got inf"),
    ("ema", 1.0, "ema must be 0 or more and below 1, got 1.0"), ("ema", -0.5, "got -0.5"),
    ("momentum", 1.0, "momentum must be 0 or more and below 1"), ("momentum", -0.5, "got -0.5"),
    ("clip", -0.1, "clip must be 0 or more"), ("gp", math.nan, "got nan"), ("betas", (1.0, 0.9), "beta"),
    ("betas", (0.9, 1.0), "beta"), ("betas", (-0.1, 0.9), "beta"), ("d_steps", -1, "d_steps must be at least 0"),
    ("g_steps", 0, "g_steps must be at least 1"), ("g_steps", 2, "with d_steps=0 both players step simultaneously"),
    *[("precision", other, "precision must be one of 'float32', 'bfloat16'")
      for other in ("float16", "bf16", None, torch.bfloat16)],
])  # fmt: skip
def test_settings_stay_in_their_range(name, value, says):
    with pytest.raises(ValueError) as refusal:
        play(**{name: value})
    assert says in str(refusal.value)


@pytest.mark.parametrize(("name", "value", "says"), [
    ("lr", "0.1", "lr must be a number, got '0.1'"), ("lr", True, "lr must be a number"), ("d_lr", "a", "d_lr must be"),
    ("betas", 0.9, "betas must be two numbers"), ("betas", (0.9,), "betas must be two"),
    ("decay", 1, "decay must be True or False"), ("momentum", "x", "momentum must be a number"),
    ("momentum", True, "momentum must be a number"), ("clip", None, "clip must be a number, got None"),
    ("d_steps", 1.0, "d_steps must be a whole"), ("d_steps", True, "d_steps must be"),
    ("g_steps", 1.5, "g_steps must be a whole number, got 1.5"),
])  # fmt: skip
def test_settings_have_their_type(name, value, says):
    refuses(TypeError, says, **{name: value})


def test_a_gan_is_a_gan():
    for wrong in (even_numbers, None, {"lr": 1}):
        for call in (lambda wrong=wrong: train(wrong, 2, 0), lambda wrong=wrong: train_many(wrong, 2, [0])):
            with pytest.raises(TypeError, match="expected a GAN, got"):
                call()


@pytest.mark.parametrize("device", ["nonsense", "cuda:99", "mps:7"])
def test_a_device_that_is_not_there_is_refused_and_those_that_are_get_named(device):
    refuses(ValueError, rf"no device '{device}' on this machine\. Use one of: cpu", device=device)


# --- networks ---

SHARED = nn.Linear(7, 7)


def built(*layers):
    """A function that builds a network of these layers, made by functions."""
    return lambda: nn.Sequential(*(layer() for layer in layers))


class Through(nn.Module):
    """A layer that computes a function."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def through(function, ins=7, outs=1):
    return lambda: nn.Sequential(nn.Linear(ins, outs), Through(function))


def raises(error):
    def function(*_):
        raise error
    return function


@pytest.mark.parametrize(("changes", "says"), [
    ({"generator": lambda: nn.Linear(7, 5)}, r"the generator makes .*shape \(5,\).*real ones .*shape \(7,\).*outputs"),
    ({"generator": lambda: generators.bit_generator(5)}, r"the generator cannot take noise of shape \(16, 7\).*inputs"),
    ({"noise": lambda n, rng: random_bits(n, rng, 5)}, r"the generator cannot take noise of shape \(16, 5\).*inputs"),
    ({"discriminator": lambda: nn.Linear(5, 1)}, r"the discriminator cannot take real samples of shape \(16, 7\)"),
    ({"discriminator": lambda: nn.Linear(7, 2)}, r"one logit for each sample.*got \(16, 2\).*without sigmoid"),
    ({"discriminator": through(lambda x: x[:, 0])}, r"one logit for each sample.*got \(16,\)"),
    ({"discriminator": lambda: nn.Sequential(layers.BatchFeatures(torch.flatten), nn.Linear(112, 1))},
     r"one for the batch, shape \(1, 1\)"),
    ({"discriminator": through(lambda x: x[:8])}, r"one logit for each sample.*got \(8, 1\)"),
    ({"generator": through(lambda x: (x, x), 7, 7)}, r"the generator returned tuple, not a tensor, for noise"),
    ({"discriminator": through(lambda x: {"logits": x})}, r"the discriminator returned dict, not a tensor, for real"),
    ({"generator": through(raises(IndexError("far out")))}, r"cannot take noise.*: far out\. Look at its forward"),
    ({"generator": through(torch.detach, 7, 7)}, r"no gradient flows through the generator: .*detach"),
    ({"discriminator": through(torch.detach)}, r"no gradient flows through generator_loss: "),
    ({"generator": lambda: generators.bit_generator().double()}, r"noise of shape \(16, 7\) and type torch\.float32"),
    ({"generator": lambda: SHARED}, r"two networks that generator\(\) builds share weights\. Build a fresh network"),
    ({"generator": lambda: nn.Sequential(SHARED, nn.Sigmoid())}, "two networks that generator.. builds share weights"),
    ({"discriminator": lambda: nn.Sequential(SHARED, nn.Linear(7, 1))}, "networks that discriminator.. builds share"),
    ({"generator": lambda: nn.Sequential(SHARED), "discriminator": lambda: nn.Sequential(SHARED, nn.Linear(7, 1))},
     "the generator and the discriminator share weights"),
    ({"discriminator": lambda: nn.Linear(7, 1).requires_grad_(False)}, "weights of the discriminator do not require"),
])  # fmt: skip
def test_networks_that_do_not_fit_are_refused(changes, says):
    refuses(ValueError, says, **changes)


@pytest.mark.parametrize(("changes", "says"), [
    ({"generator": nn.Linear(7, 7)}, r"generator must be a function that builds a network, got the network Linear"),
    ({"discriminator": nn.Linear(7, 1)}, r"discriminator must be a function .*Pass it without calling it"),
    ({"generator": lambda width: nn.Linear(width, 7)}, r"generator is called as generator\(\); yours is .*\(width\)"),
    ({"generator": lambda: None}, "generator must build a torch.nn.Module with weights to train, it gave None"),
    ({"discriminator": nn.Tanh}, "discriminator must build a torch.nn.Module with weights to train, it gave Tanh"),
    ({"discriminator": "D"}, r"discriminator must be a function, to be called as discriminator\(\), got 'D'"),
    ({"generator_loss": 0.3}, r"generator_loss must be a function, to be called as generator_loss\(fake_logits\), got"),
])  # fmt: skip
def test_builders_are_functions_that_build_networks(changes, says):
    refuses(TypeError, says, **changes)


def test_a_d_of_whole_batches_fits_one_batch_size_only():
    whole = GAN(data.gaussian, noise.uniform, generators.elu_generator, discriminators.elu_discriminator, batch_size=64)
    refuses(ValueError, r"shape \(64, 1\).*Does D see whole batches\? Then its first layer has 200 inputs, while "
            "batch_size is 64", whole)
    refuses(ValueError, r"batch_moments needs at least 2 numbers, got 1\. Draw a larger batch\. Look at", whole,
            batch_size=1, discriminator=discriminators.moments_discriminator)
    play(whole, batch_size=100)


# --- a sigmoid at the end of D, however it is written ---


class Ganhacks(nn.Module):
    def __init__(self):
        super().__init__()
        self.sigmoid = nn.Sigmoid()  # registered before the layers
        self.hidden, self.out = nn.Linear(7, 16), nn.Linear(16, 1)

    def forward(self, x):
        return self.sigmoid(self.out(self.hidden(x).relu()))


PROBABILITIES = {
    "layer": built(lambda: nn.Linear(7, 1), nn.Sigmoid), "function": through(torch.sigmoid), "registered": Ganhacks,
    "before Flatten": built(lambda: nn.Linear(7, 1), nn.Sigmoid, nn.Flatten), "hardsigmoid": through(
        nn.functional.hardsigmoid), "softmax": through(lambda x: x.softmax(1)[:, :1], 7, 2),
    "clamp": through(lambda x: x.clamp(0, 1)), "by hand": through(lambda x: 1 / (1 + torch.exp(-x))),
    "smoothed": through(lambda x: 0.98 * torch.sigmoid(x) + 0.01), "tanh": through(torch.tanh),
    "softsign": through(nn.functional.softsign), "sine": through(torch.sin), "mean of sigmoids": through(
        lambda x: torch.sigmoid(x).mean(1, keepdim=True), 7, 5),
    "spectral norm": lambda: nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Linear(7, 1)), nn.Sigmoid()),
    "batch norm": built(lambda: nn.Linear(7, 1), lambda: nn.BatchNorm1d(1), nn.Sigmoid),
    "dropout": built(lambda: nn.Linear(7, 9), nn.Dropout, lambda: nn.Linear(9, 1), nn.Sigmoid),
    "deep": built(*[lambda: nn.Linear(7, 7), nn.ReLU] * 30, lambda: nn.Linear(7, 1), nn.Sigmoid),
}
HALF_LINES = {
    "logsigmoid": through(logsigmoid), "exp": through(torch.exp), "softplus": through(softplus),
    "relu": through(torch.relu), "sqrt": through(lambda x: softplus(x).sqrt()), "square": through(torch.square),
    "-softplus": through(lambda x: -softplus(x)), "abs": through(torch.abs),
}


@pytest.mark.parametrize("make", (PROBABILITIES | HALF_LINES).values(), ids=PROBABILITIES | HALF_LINES)
def test_a_d_whose_output_has_bounds_is_refused(make):
    with pytest.raises(ValueError, match=r"the discriminator's output never leaves [\[(].*\. Leave the sigmoid out"):
        quiet(dataclasses.replace(REPAIRED, discriminator=make))


@pytest.mark.parametrize("make", [
    lambda: nn.Sequential(layers.BatchFeatures(layers.batch_moments), nn.Linear(4, 1), nn.Sigmoid()),
    lambda: nn.Sequential(layers.BatchFeatures(layers.whole_batch), nn.Linear(16, 1), nn.Tanh()),
])  # fmt: skip
def test_a_d_of_whole_batches_whose_output_has_bounds_is_refused(make):
    refuses(ValueError, "never leaves", NUMBERS, discriminator=make)


UNBOUNDED = {
    "batch norm": built(lambda: nn.Linear(7, 9), lambda: nn.BatchNorm1d(9), nn.ReLU, lambda: nn.Linear(9, 1)),
    "dropout": built(lambda: nn.Linear(7, 9), nn.Dropout, lambda: nn.Linear(9, 1)),
    "spectral norm": lambda: nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Linear(7, 1))),
    "spectral norm, no bias": lambda: layers.SpectralLinear(7, 1, bias=False),  # logits no larger than inputs
    "weight norm": lambda: nn.utils.parametrizations.weight_norm(nn.Linear(7, 1)),
    "elu": through(nn.functional.elu), "leaky": through(nn.functional.leaky_relu), "wide": through(
        lambda x: x.clamp(-20, 20)),
    "sigmoids within": built(lambda: nn.Linear(7, 2), nn.Sigmoid, lambda: nn.Linear(2, 1)),
    "layer norm": built(lambda: nn.Linear(7, 9), lambda: nn.LayerNorm(9), lambda: nn.Linear(9, 1)),
    "deep": built(*[lambda: nn.Linear(7, 7), nn.ReLU] * 30, lambda: nn.Linear(7, 1)),
    "picky": lambda: nn.Sequential(Through(lambda x: x if x.abs().max() <= 1 else raises(KeyError("range"))()),
                                   nn.Linear(7, 1)),
}


@pytest.mark.parametrize("make", UNBOUNDED.values(), ids=UNBOUNDED)
def test_a_d_without_bounds_is_accepted(make):
    assert quiet(dataclasses.replace(ARTICLE, discriminator=make), 3).steps_done == 3


RECIPES = {name: value for name, value in vars(recipes).items() if isinstance(value, GAN)}


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("gan", RECIPES.values(), ids=RECIPES)
def test_the_recipes_of_the_course_are_accepted_without_a_warning(gan, seed):
    """Also that of chapter 3 whose D begins with a range of less than 0.1; in less than half a second."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        start = time.process_time()
        validation.validate(gan, 1, seed, "cpu", stacked=gan in (recipes.ELU, recipes.TANH_SIGMOID, recipes.COURSE))
    assert time.process_time() - start < 3  # half a second on a quiet machine


# --- images on another scale than G's ---

DIGITS = dataclasses.replace(recipes.BEST, batch_size=8, r1=0.0, ema=0.0)  # its G ends in tanh
SIGMOID = dataclasses.replace(recipes.TWO_LAYERS, batch_size=8)


@pytest.mark.parametrize(("gan", "real", "says"), [
    (DIGITS, mnist.images("train", scale="[0, 1]"), r"the sampler gives \[0, 1\].*Pass scale='\[-1, 1\]'"),
    (DIGITS, functools.partial(mnist.digits, scale="[0, 1]"), r"the sampler gives \[0, 1\].*in a sigmoid"),
    (DIGITS, functools.partial(functools.partial(mnist.digits, device="cpu"), scale="[0, 1]"), "the sampler gives"),
    (SIGMOID, mnist.images("test"), r"\[0, 1\], but the sampler gives \[-1, 1\].*Pass scale='\[0, 1\]'.*in tanh"),
    (SIGMOID, mnist.digits, r"the sampler gives \[-1, 1\]"),
    (SIGMOID, lambda n, rng: mnist.digits(n, rng), r"look like \[-1, 1\].*\(x \+ 1\) / 2"),
    (DIGITS, lambda n, rng: 127.5 * (mnist.digits(n, rng) + 1), r"gray levels in \[0, 255\].*x / 127\.5 - 1"),
    (DIGITS, lambda n, rng: 10 * mnist.digits(n, rng), r"reach from -10 to 10\. Scale them, or end the generator in a"),
    (ARTICLE, lambda n, rng: 255 * even_numbers(n, rng), r"real samples .*gray levels in \[0, 255\].*x / 255"),
    (ARTICLE, lambda n, rng: 2 * even_numbers(n, rng) - 1, r"real samples .*look like \[-1, 1\].*\(x \+ 1\) / 2"),
    (dataclasses.replace(ARTICLE, generator=built(lambda: nn.Linear(7, 7), nn.Tanh)),
     lambda n, rng: 255 * even_numbers(n, rng), r"real samples .*should lie in \[-1, 1\].*\[0, 255\].*x / 127\.5 - 1"),
    (dataclasses.replace(NUMBERS, generator=through(torch.tanh, 1, 1)), data.from_samples(torch.randn(100)),
     r"reach from .*Scale them, or end the generator in a linear layer"),
    (SIGMOID, data.from_samples(torch.randint(0, 256, (50, 28, 28), dtype=torch.uint8)), r"look like \[-1, 1\]"),
], ids=range(13))  # fmt: skip
def test_real_samples_on_another_scale_than_gs_are_refused(gan, real, says):
    with pytest.raises(ValueError, match=says):
        quiet(dataclasses.replace(gan, real=real), 1)


@pytest.mark.parametrize("generator", [through(torch.tanh, 7, 7), through(lambda x: 2 * torch.sigmoid(x) - 1, 7, 7)])
def test_samples_without_a_negative_number_get_a_warning_if_g_ends_in_tanh(generator):
    with pytest.warns(UserWarning, match=r"real samples .* no value below 0, so they are probably in \[0, 1\]"):
        quiet(dataclasses.replace(ARTICLE, generator=generator))


@pytest.mark.parametrize("gan", [
    DIGITS, SIGMOID, dataclasses.replace(DIGITS, real=mnist.images("test")), ARTICLE, NUMBERS,
    dataclasses.replace(DIGITS, real=data.from_samples(torch.randint(0, 256, (50, 28, 28), dtype=torch.uint8))),
    dataclasses.replace(NUMBERS, real=noise.uniform, generator=through(torch.tanh, 1, 1)),
    dataclasses.replace(NUMBERS, generator=through(torch.relu, 1, 1)),
], ids=range(8))  # fmt: skip
def test_samples_on_gs_scale_are_accepted_without_a_warning(gan):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quiet(gan, 1)


# --- losses ---

GENERATOR_LOSSES = [
    (lambda f: bce(f, torch.ones(8, 1)), r"tried with logits of shape \(16, 1\) and stopped with ValueError: Target "
     r"size.*write torch\.ones_like\(logits\)"),
    (lambda f: nn.BCELoss()(f, torch.ones_like(f)), r"stopped with RuntimeError: all elements of.*takes logits, not"),
    (lambda f: -torch.log(f).mean((-2, -1)), r"generator_loss of logits from -10 to 10 is NaN\. .*softplus\(-logits\)"),
    (nn.BCEWithLogitsLoss(), r"stopped with TypeError: .*target"),
    (lambda f: softplus(-f).mean().item(), r"must return one number, a tensor of shape \(\); it gave 0\.\d+ \(float\)"),
    (lambda f: softplus(-f).detach().numpy().mean(), r"it gave .*\(float32\)"),
    (lambda f: softplus(-f), r"it gave shape \(16, 1\)\. Average over the last two axes"),
    (lambda f: softplus(-f).mean(0), r"it gave shape \(1,\)"), (lambda f: None, r"it gave None \(NoneType\)"),
    (lambda f: softplus(-f).mean().detach(), "no gradient flows through generator_loss: its result is detached"),
    (lambda f: (f < 0).float().mean(), "no gradient flows through generator_loss: .*comparison"),
    (lambda f: softplus(torch.zeros(1, requires_grad=True)).sum(), "no gradient of generator_loss reaches the weights"),
]


@pytest.mark.parametrize(("loss", "says"), GENERATOR_LOSSES, ids=range(len(GENERATOR_LOSSES)))
def test_losses_that_do_not_fit_are_refused(loss, says):
    refuses(ValueError, says, generator_loss=loss)
    says = says.replace("generator_loss", "discriminator_loss").replace(r"0\.\d+", r"\d\.\d+")
    if not isinstance(loss, nn.Module):
        refuses(ValueError, says, discriminator_loss=lambda r, f: loss(r if "numpy" in says else f))


@pytest.mark.parametrize(("changes", "says"), [
    ({"generator_loss": lambda: 1}, r"generator_loss is called as generator_loss\(fake_logits\); yours is"),
    ({"generator_loss": losses.discriminator_loss}, r"yours is discriminator_loss\(real_logits.*missing a required"),
    ({"discriminator_loss": losses.non_saturating}, r"discriminator_loss\(real_logits, fake_logits\); yours is"),
    ({"discriminator_loss": lambda *, r, f: r}, "yours is <lambda>.*functools.partial"),
])  # fmt: skip
def test_losses_of_other_arguments_are_refused(changes, says):
    refuses(TypeError, says, **changes)


PLAIN = dataclasses.replace(  # the losses as PyTorch's tutorials write them, for one run
    ARTICLE, generator_loss=lambda f: bce(f, torch.ones_like(f)),
    discriminator_loss=lambda r, f: bce(r, torch.ones_like(r)) + bce(f, torch.zeros_like(f)))


def test_train_takes_losses_that_average_over_everything():
    mine, ours = (quiet(gan) for gan in (PLAIN, ARTICLE))
    assert torch.allclose(mine.g_loss, ours.g_loss) and torch.allclose(mine.d_loss, ours.d_loss)
    fixed = dataclasses.replace(ARTICLE, generator_loss=lambda f: bce(f, torch.ones(16, 1)))
    assert torch.allclose(quiet(fixed).g_loss, ours.g_loss)


@pytest.mark.parametrize(("changes", "says"), [
    ({"generator_loss": PLAIN.generator_loss}, r"generator_loss must average over the last two axes.*\(2, 16, 1\), it "
     r"gave shape \(\)"),
    ({"discriminator_loss": PLAIN.discriminator_loss}, "discriminator_loss must average over the last two"),
    ({"generator_loss": lambda f: bce(f, torch.ones(16, 1))}, r"it stopped with ValueError.*torch\.ones_like"),
    ({"generator_loss": lambda f: softplus(-f).mean((-2, -1)) - f.mean()}, r"it gave \[.*\], one by one \["),
    ({"generator_loss": lambda f: softplus(-f).mean(tuple(range(f.dim() - 1))).sum()}, r"it gave shape \(\)"),
])  # fmt: skip
def test_train_many_takes_losses_that_keep_runs_apart(changes, says):
    gan = dataclasses.replace(ARTICLE, **changes)
    quiet(gan)
    with pytest.raises(ValueError, match=says):
        many(gan)


class Mixes(nn.Module):
    def forward(self, x):
        return x - x.mean(0)


@pytest.mark.parametrize("layer", [Mixes, lambda: nn.Softmax(-2), lambda: nn.Softmax(0)])
def test_train_many_refuses_layers_that_mix_runs(layer):
    gan = dataclasses.replace(ARTICLE, discriminator=built(layer, lambda: nn.Linear(7, 1)))
    quiet(gan)
    with pytest.raises(ValueError, match=r"stacked, Sequential gives other results than alone\..*use train"):
        many(gan)


# --- samplers ---

X = torch.rand(100, 7, generator=torch.Generator().manual_seed(0))
DATASET = torch.utils.data.TensorDataset(X)
LOADER = torch.utils.data.DataLoader(DATASET, batch_size=16)


@pytest.mark.parametrize("part", ["real", "noise"])
@pytest.mark.parametrize(("sampler", "says"), [
    (LOADER, r"must be a function, to be called as {0}\(n, rng\), got .*DataLoader.*data\.from_samples\(x\)"),
    (DATASET, r"\(TensorDataset\)\. For numbers or images of your own"), ([1.0, 2.0], r"got \[1\.0, 2\.0\] \(list\)"),
    (X.numpy(), r"\(ndarray\)\. For numbers"), (X, r"\(Tensor\)\. For numbers"), (None, "got None"),
    (lambda n: X[:n], r"{0} is called as {0}\(n, rng\), with rng a torch.Generator.*yours is <lambda>\(n\) \(too many"),
    (lambda n, *, rng: X[:n], r"yours is <lambda>\(n, \*, rng\)"), (lambda: X, r"yours is <lambda>\(\)"),
    (lambda n, rng, width: X, r"missing a required argument: 'width'.*functools.partial"),
    (raises(TypeError("no such thing")), r"^{0}\(17, rng\) stopped with TypeError: no such thing"),
])  # fmt: skip
def test_what_is_not_a_sampler_is_refused(sampler, part, says):
    refuses(TypeError, says.format(part), **{part: sampler})


@pytest.mark.parametrize("part", ["real", "noise"])
@pytest.mark.parametrize(("sampler", "says"), [
    (lambda n, rng: next(iter(LOADER))[0], r"for n = 17 it gave \(16, 7\)\. n changes .*a loader's fixed"),
    (lambda n, rng: X, r"it gave \(100, 7\)"), (lambda n, rng: [[0.0] * 7] * n, r"{0}\(n, rng\) .*gave list"),
    (lambda n, rng: np.zeros((n, 7), "float32"), r"must return a tensor .*gave ndarray\. For arrays or lists"),
    (lambda n, rng: None, r"must return a tensor .*gave NoneType"), (lambda n, rng: (X[:n], X[:n]), "gave tuple"),
    (lambda n, rng: torch.zeros(7), r"{0}\(n, rng\) must return .*gave \(7,\)"), (lambda n, rng: X[0, 0], r"gave \(\)"),
    (lambda n, rng: X[:n, 0], r"gave \(17,\)\. Reshape it: \.unsqueeze\(1\)"),
    (lambda n, rng: X[:n].reshape(n, 1, 7), r"gave \(17, 1, 7\)\. Reshape it: \.flatten\(1\), or layout='flat'"),
    (mnist.images("test", layout="1x28x28"), r"gave \(17, 1, 28, 28\)\. Reshape it: \.flatten\(1\)"),
    (lambda n, rng: torch.rand(n, 7), r"^{0}\(n, rng\) draws from torch's global random state.*Draw from rng"),
    (raises(ZeroDivisionError("by nothing")), r"^{0}\(17, rng\) stopped with ZeroDivisionError: by nothing"),
    (raises(UnicodeDecodeError("utf-8", b"x", 0, 1, "bad")), "stopped with UnicodeDecodeError"),
], ids=range(14))  # fmt: skip
def test_samplers_of_something_else_are_refused(sampler, part, says):
    refuses(ValueError, says.format(part), **{part: sampler})


@pytest.mark.parametrize(("changes", "says"), [
    ({"real": lambda n, rng: even_numbers(n, rng).double()}, r"torch\.float64.*float32"),
    ({"real": lambda n, rng: even_numbers(n, rng).long()}, r"real ones are torch\.int64.*make both float32"),
    ({"noise": lambda n, rng: random_bits(n, rng).double()}, r"noise of shape \(16, 7\) and type torch\.float64"),
    ({"noise": lambda n, rng: random_bits(n, rng).long()}, r"type torch\.int64.*feed it float32"),
])  # fmt: skip
def test_samples_of_another_type_are_refused(changes, says):
    refuses(ValueError, says, **changes)


def test_a_sampler_that_runs_out_of_samples_is_named():
    """17 samples it has, 48 it has not."""
    for play in (quiet, many):
        with pytest.raises(ValueError, match=r"real\(n, rng\) must return n samples, for n = 48 it gave 20"):
            play(dataclasses.replace(ARTICLE, d_steps=3, real=lambda n, rng: X[:20][:n]))


def test_data_of_ones_own_in_one_line():
    assert play(real=data.from_samples(X.numpy()), generator=lambda: nn.Linear(7, 7)).steps_done == 2


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_sampler_may_keep_its_data_on_a_gpu():
    assert play(real=lambda n, rng: even_numbers(n, rng).cuda(), device="cuda").steps_done == 2


# --- layers in place, and what cannot be differentiated twice ---


def in_place(*layers, ins=7, outs=1):
    return lambda: nn.Sequential(nn.Linear(ins, 9), *(layer() for layer in layers), nn.Linear(9, outs))


LEAKY, DROP = (lambda: nn.LeakyReLU(0.2, inplace=True)), (lambda: nn.Dropout(0.3, inplace=True))
CANNOT = "PyTorch cannot compute the gradient of"


@pytest.mark.parametrize("part", ["generator", "discriminator"])
@pytest.mark.parametrize(("layers", "fails"), [
    ((LEAKY, DROP), True), ((nn.Tanh, LEAKY), True), ((LEAKY,), False), ((lambda: nn.ReLU(inplace=True),), False),
    ((LEAKY, nn.Dropout), False),
])  # fmt: skip
def test_layers_in_place_are_refused_only_if_pytorch_fails(layers, fails, part):
    gan = dataclasses.replace(ARTICLE, **{part: in_place(*layers, outs=7 if part == "generator" else 1)})
    if fails:
        with pytest.raises(ValueError, match=rf"{CANNOT} generator_loss: .*Leave inplace=True out of \w+\("):
            quiet(gan)
    else:
        assert quiet(gan, 2).steps_done == 2


class Once(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        return 2 * grad


@pytest.mark.parametrize("penalty", [{"r1": 1.0}, {"gp": 1.0}])
def test_a_d_that_the_penalties_cannot_differentiate_is_refused(penalty):
    """PyTorch would leave the penalty out in silence."""
    gan = dataclasses.replace(ARTICLE, discriminator=lambda: nn.Sequential(Through(Once.apply), nn.Linear(7, 1)))
    quiet(gan)
    with pytest.raises(ValueError, match=f"{CANNOT} discriminator_loss with its penalties: .*differentiate twice"):
        quiet(dataclasses.replace(gan, **penalty))


@pytest.mark.parametrize("layer", [LEAKY, DROP])
def test_a_d_that_changes_its_input_is_refused(layer):
    with pytest.raises(ValueError, match=r"the discriminator changes the real samples .*inplace=True out of"):
        quiet(dataclasses.replace(ARTICLE, discriminator=lambda: nn.Sequential(layer(), nn.Linear(7, 1))))
