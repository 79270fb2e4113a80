"""What is checked, once, before the first step: settings, and whether R, I, G, D and the losses fit together.

One batch each of R and I is drawn for it, from a torch.Generator of its own, and one backward pass is tried on networks
that are thrown away. Every refusal names the component, what it did, and the remedy.
"""

import functools
import inspect
import math
import warnings
from collections.abc import Callable

import torch
from torch import nn

from gan_helpers import _validate, mnist
from gan_helpers.gan import GAN
from gan_helpers.training.stacking import logits_of_both, stack
from gan_helpers.training.steps import discriminator_objective

ARGUMENTS = {  # what each component is called with
    "real": ("n", "rng"), "noise": ("n", "rng"), "generator": (), "discriminator": (),
    "generator_loss": ("fake_logits",), "discriminator_loss": ("real_logits", "fake_logits"),
}
TRIES, ENOUGH = 16, 1000  # weights that `bounded` tries at most, and outputs after which it has seen enough


def validate(gan: GAN, steps: int, seed: int, device, stacked: bool = False) -> tuple[torch.device, dict]:
    """Refuse a GAN that cannot be trained; stacked: for training many runs at once.

    Returns the device, and a fingerprint that tells functions of one name apart in a checkpoint.
    """
    settings(gan, steps)
    device = _validate.device(device)
    with torch.inference_mode(False), torch.enable_grad(), torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(seed)  # for dropout, which the fingerprint depends on
        return device, components(gan, seed, stacked)


def settings(gan: GAN, steps: int) -> None:
    """Refuse settings of the wrong type or outside their range, and components that cannot be called."""
    if not isinstance(gan, GAN):
        raise TypeError(f"expected a GAN, got {gan!r:.60}. Make one: GAN(real=..., noise=..., generator=..., ...).")
    _validate.count(steps, "steps", most=10**9)
    _validate.count(gan.batch_size, "batch_size", most=10**9)
    _validate.count(gan.d_steps, "d_steps", least=0, most=10**6)
    if _validate.count(gan.g_steps, "g_steps", most=10**6) > 1 and gan.d_steps == 0:
        raise ValueError(f"g_steps is {gan.g_steps}, but with d_steps=0 both players step simultaneously. Set d_steps "
                         "too.")
    _validate.number(gan.lr, "lr", above=0, below=1e30)
    if gan.d_lr is not None:
        _validate.number(gan.d_lr, "d_lr", above=0, below=1e30)
    if not isinstance(gan.betas, tuple | list) or len(gan.betas) != 2:
        raise TypeError(f"betas must be two numbers, such as (0.9, 0.999), got {gan.betas!r}.")
    for beta in gan.betas:
        _validate.number(beta, "each of betas", least=0, below=1)
    if gan.momentum is not None:
        _validate.number(gan.momentum, "momentum", least=0, below=1)
    if not isinstance(gan.decay, bool):
        raise TypeError(f"decay must be True or False, got {gan.decay!r}.")
    for name in ("r1", "gp", "clip"):
        _validate.number(getattr(gan, name), name, least=0)
    _validate.number(gan.ema, "ema", least=0, below=1)
    _validate.one_of(gan.precision, ("float32", "bfloat16"), "precision")
    for name, arguments in ARGUMENTS.items():
        callable_with(getattr(gan, name), name, arguments)


def evaluation_steps(evaluate, evaluate_at, keep_best, steps: int) -> frozenset[int]:
    """The steps at which to evaluate, each from 0 to `steps`."""
    if not hasattr(evaluate_at, "__iter__"):
        raise TypeError(f"evaluate_at must be a list of steps, got {evaluate_at!r}. Write ({evaluate_at!r},) for one.")
    at = frozenset(_validate.count(step, "each of evaluate_at", least=0) for step in evaluate_at)
    steps = _validate.count(steps, "steps", most=10**9)
    if at and max(at) > steps:
        raise ValueError(f"evaluate_at names step {max(at)}, but the run has {steps}. Name steps from 0 to {steps}.")
    for function, name in ((evaluate, "evaluate"), (keep_best, "keep_best")):
        if function is not None:
            callable_with(function, name, ("run",))
    if at and evaluate is None and keep_best is None:
        raise TypeError("evaluate_at is given, so evaluate must be a function of the run, got None.")
    if keep_best is not None and not at:
        raise ValueError("keep_best needs steps to choose from: pass evaluate_at, such as range(0, steps + 1, 100).")
    return at


def callable_with(function, name: str, arguments: tuple[str, ...]) -> None:
    """Refuse what is not a function of these arguments."""
    call = f"{name}({', '.join(arguments)})"
    remedy = "Pass it without calling it."
    if "rng" in arguments:
        remedy = "For numbers or images of your own pass data.from_samples(x), x an array or a tensor."
    if not arguments and isinstance(function, nn.Module):
        raise TypeError(f"{name} must be a function that builds a network, got the network {function!r:.60}. {remedy} "
                        "Each run needs a network of its own.")
    if not callable(function) or isinstance(function, torch.utils.data.DataLoader | torch.utils.data.Dataset):
        raise TypeError(f"{name} must be a function, to be called as {call}, got {function!r:.60} "
                        f"({type(function).__name__}). {remedy}")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some built-in functions have none
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        rng = ", with rng a torch.Generator to draw from" if "rng" in arguments else ""
        raise TypeError(f"{name} is called as {call}{rng}; yours is {getattr(function, '__name__', name)}{signature} "
                        f"({error}). Change its arguments, or fix some of them with functools.partial.") from error


def components(gan: GAN, seed: int, stacked: bool) -> dict:
    """Refuse components that do not fit together; return the fingerprint."""
    rng = torch.Generator().manual_seed(seed)
    real, noise = batch_of(gan, "real", rng), batch_of(gan, "noise", rng)
    generator, discriminator = networks = build(gan, seed)
    other_generator, other_discriminator = build(gan, seed)
    layers = [str(network) for network in networks]
    weights = [p.detach().clone() for network in networks for p in network.parameters()]
    refuse_shared(generator, discriminator, "the generator and the discriminator")
    refuse_shared(generator, other_generator, "two networks that generator() builds")
    refuse_shared(discriminator, other_discriminator, "two networks that discriminator() builds")

    fake = _validate.result_of(generator, noise, "the generator", "noise")
    if fake.shape != real.shape or fake.dtype != real.dtype:
        raise ValueError(
            f"the generator makes {fake.dtype} samples of shape {tuple(fake.shape[1:])}, real ones are {real.dtype} of "
            f"shape {tuple(real.shape[1:])}. Give G's last layer as many outputs as a real sample has numbers, and "
            "make both float32."
        )
    if not fake.requires_grad:
        raise ValueError("no gradient flows through the generator: its output was detached from its weights, by "
                         "detach(), no_grad(), .data or numpy. Remove it from forward.")
    logits = judge(gan, discriminator, real, "real samples")
    fake_logits = judge(gan, discriminator, fake, "fakes")
    if limits := bounded(other_discriminator, real):
        raise ValueError(f"the discriminator's output never leaves {limits}, whatever its weights and inputs: it ends "
                         "in a sigmoid or the like, and the losses take logits. Leave the sigmoid out.")
    refuse_scale(gan, other_generator, noise, real)

    g_loss = loss_of(gan, "generator_loss", fake_logits)
    d_loss = loss_of(gan, "discriminator_loss", logits, fake_logits)
    try_backward(lambda: g_loss, "generator_loss", generator, networks)
    try_backward(lambda: d_loss, "discriminator_loss", discriminator, networks)
    if gan.r1 or gan.gp:
        try_backward(lambda: discriminator_objective(gan, discriminator, real, fake.detach())[1],
                     "discriminator_loss with its penalties", discriminator, networks)
    if stacked:
        refuse_stacked(gan, seed, real, noise)
    parts = [real, noise, fake, logits, g_loss, d_loss, *weights]
    return {"layers": layers, "fingerprint": [f"{part.detach().double().abs().sum().item():.4g}" for part in parts]}


def batch_of(gan: GAN, name: str, rng: torch.Generator) -> torch.Tensor:
    """A batch on the CPU; refuse a sampler that gives anything other than a tensor (n, features), drawn from rng."""
    n, state = gan.batch_size + 1, torch.get_rng_state()  # + 1: a loader's fixed batches are noticed
    try:
        batch = getattr(gan, name)(n, rng)
    except Exception as error:
        raise _validate.refusal(error, f"{name}({n}, rng)") from error
    call = f"{name}(n, rng) must return a tensor of shape (n, features), for n = {n} it gave"
    if not isinstance(batch, torch.Tensor):
        raise ValueError(f"{call} {type(batch).__name__}. For arrays or lists: data.from_samples(x).")
    if batch.dim() == 0 or len(batch) != n:
        raise ValueError(f"{call} {tuple(batch.shape)}. n changes from call to call, so a loader's fixed batches will "
                         "not do: data.from_samples(x) draws any number.")
    if batch.dim() != 2:
        remedy = ".unsqueeze(1)" if batch.dim() == 1 else ".flatten(1), or layout='flat' for mnist.images"
        raise ValueError(f"{call} {tuple(batch.shape)}. Reshape it: {remedy}.")
    if not torch.equal(torch.get_rng_state(), state):
        raise ValueError(f"{name}(n, rng) draws from torch's global random state, so its seed would not decide a run. "
                         "Draw from rng: torch.randn(n, 1, generator=rng), say.")
    return batch[:-1].cpu()  # a sampler whose data stays on a GPU may give it there


def build(gan: GAN, seed: int) -> tuple[nn.Module, nn.Module]:
    """G and D; refuse what is not a network with weights to train."""
    networks = gan.build(seed)
    for network, name in zip(networks, ("generator", "discriminator"), strict=True):
        if not isinstance(network, nn.Module) or not any(True for _ in network.parameters()):
            raise TypeError(f"{name} must build a torch.nn.Module with weights to train, it gave {network!r:.60}.")
        if not all(p.requires_grad for p in network.parameters()):
            raise ValueError(f"some weights of the {name} do not require gradients. Remove requires_grad_(False).")
    return networks


def refuse_shared(one: nn.Module, other: nn.Module, which: str) -> None:
    """Refuse networks that have a weight or a buffer in common."""
    tensors = [{id(tensor) for tensor in (*network.parameters(), *network.buffers())} for network in (one, other)]
    if tensors[0] & tensors[1]:
        raise ValueError(f"{which} share weights. Build a fresh network at each call: put nn.Linear(...) and so on "
                         "into the function.")


def judge(gan: GAN, discriminator, batch: torch.Tensor, what: str) -> torch.Tensor:
    """D's logits of a batch; refuse a D that does not fit it, changes it, or gives anything other than logits."""
    version = batch._version
    try:
        logits = _validate.result_of(discriminator, batch, "the discriminator", what)
    except ValueError as error:
        first = next((m for m in discriminator.modules() if isinstance(m, nn.Linear)), None)
        if first is not None and first.in_features != batch.shape[1] == 1 and "mat1" in str(error.__cause__):
            raise ValueError(f"{error} Does D see whole batches? Then its first layer has {first.in_features} inputs, "
                             f"while batch_size is {gan.batch_size}: make the two fit.") from error
        raise
    if batch._version != version:
        raise ValueError(f"the discriminator changes the {what} that it is given, for whoever uses them next. Leave "
                         "inplace=True out of its first layer.")
    if logits.shape not in ((len(batch), 1), (1, 1)):
        raise ValueError(
            f"the discriminator must return one logit for each sample, shape ({len(batch)}, 1), or one for the batch, "
            f"shape (1, 1), got {tuple(logits.shape)}. End it with a layer of one unit, without sigmoid."
        )
    return logits


@torch.no_grad()
def bounded(network: nn.Module, like: torch.Tensor) -> str:
    """The interval that the network's outputs do not leave, or "", found by trying large inputs and weights.

    The network's own weights are overwritten.
    """
    rng, low, high, seen = torch.Generator().manual_seed(0), math.inf, -math.inf, 0
    inputs = 1e4 * torch.randn(like.shape, generator=rng).to(like)
    network.eval()
    for attempt in range(TRIES):
        for p in network.parameters():
            # about as large after each layer as before, times 10: deep networks should not overflow
            p.copy_(torch.randn(p.shape, generator=rng) * 10 / math.sqrt(p[0].numel() if p.dim() > 1 else 1))
        try:
            outputs = network(inputs)
        except Exception:  # a network that checks its inputs, say
            return ""
        outputs = outputs[~outputs.isnan()]
        if outputs.numel():
            low, high = min(low, outputs.min().item()), max(high, outputs.max().item())
        seen += outputs.numel()
        if (low < -1 and high > 1) or (attempt and seen > ENOUGH):
            break
    for least, most, limits in ((0, 1, "[0, 1]"), (-1, 1, "[-1, 1]"), (-math.inf, 0, "(-inf, 0]"),
                                (0, math.inf, "[0, inf)")):
        if least <= low <= high <= most:
            return limits
    return ""


def refuse_scale(gan: GAN, generator: nn.Module, noise: torch.Tensor, real: torch.Tensor) -> None:
    """Refuse real samples on another scale than G's outputs."""
    made, told = bounded(generator, noise), scale_of(gan.real)
    if made not in mnist.SCALES or not torch.isfinite(real).all():  # NaN and Inf show in the first loss
        return
    what = f"real samples for a generator that makes {made}"
    if told and told != made:
        raise ValueError(f"{what} should lie in {made}, but the sampler gives {told}. Pass scale={made!r} to it, or "
                         f"end the generator in {'tanh' if told == '[-1, 1]' else 'a sigmoid'}.")
    low, high = real.min().item(), real.max().item()
    if high > 255 or (low < 0 and max(-low, high) > 1.001):
        raise ValueError(f"{what} should lie in {made}, but they reach from {low:.4g} to {high:.4g}. Scale them, or "
                         "end the generator in a linear layer, whose outputs have no bounds.")
    with warnings.catch_warnings():
        if told or real.shape[1] < 2:
            warnings.simplefilter("ignore")
        mnist.check_scale(real, made, what)


def scale_of(sampler) -> str | None:
    """The scale that a sampler of images tells: its attribute, its keyword, or its default."""
    if isinstance(sampler, functools.partial):
        return sampler.keywords.get("scale") or scale_of(sampler.func)
    found = getattr(sampler, "scale", None)
    if found is None and inspect.isfunction(sampler) and "scale" in (given := inspect.signature(sampler).parameters):
        found = given["scale"].default
    return found if isinstance(found, str) and found in mnist.SCALES else None


def loss_of(gan: GAN, name: str, *logits: torch.Tensor) -> torch.Tensor:
    """A loss of these logits; refuse one that stops or gives anything other than one number."""
    tried = f"{name}({', '.join(ARGUMENTS[name])}) was tried with logits of shape {tuple(logits[0].shape)}"
    wide = torch.linspace(-10, 10, logits[0].numel()).to(logits[0]).reshape(logits[0].shape)  # no probabilities
    try:
        at_wide, result = getattr(gan, name)(*[wide] * len(logits)), getattr(gan, name)(*logits)
    except Exception as error:
        raise ValueError(f"{tried} and stopped with {type(error).__name__}: {error}. A loss takes logits, not "
                         "probabilities, of any batch size: write torch.ones_like(logits), not torch.ones(16, 1), "
                         "and binary_cross_entropy_with_logits instead of BCELoss.") from error
    if not isinstance(result, torch.Tensor) or result.dim():
        got = f"shape {tuple(result.shape)}" if isinstance(result, torch.Tensor) else (
            f"{result!r:.60} ({type(result).__name__})")
        raise ValueError(f"{tried} and must return one number, a tensor of shape (); it gave {got}. Average over the "
                         "last two axes: .mean((-2, -1)).")
    if at_wide.isnan():
        raise ValueError(f"{name} of logits from -10 to 10 is NaN. Does it take their logarithm, as if they were "
                         "probabilities? Write softplus(-logits) for -log D and softplus(logits) for -log(1 - D).")
    return result


def try_backward(compute: Callable[[], torch.Tensor], name: str, network: nn.Module, networks) -> None:
    """Refuse a loss whose gradient does not reach the weights of the network that minimizes it."""
    try:
        loss = compute()
        if not loss.requires_grad:
            raise ValueError(f"no gradient flows through {name}: its result is detached from the logits, by .item(), "
                             "detach(), numpy or a comparison. Return the tensor as torch computed it.")
        for part in networks:
            part.zero_grad()
        loss.backward(retain_graph=True)  # without inputs=, which would pass over what cannot be differentiated twice
    except RuntimeError as error:
        layers = [str(m) for part in networks for m in part.modules() if getattr(m, "inplace", False)]
        remedy = "Look at what forward does to its tensors."
        if layers and ("inplace" in str(error) or "in-place" in str(error)):
            remedy = (f"Leave inplace=True out of {', '.join(layers[:3])}: such a layer overwrites what another one "
                      "needs.")
        raise ValueError(f"PyTorch cannot compute the gradient of {name}: {error} {remedy}") from error
    if all(p.grad is None for p in network.parameters()):
        raise ValueError(f"no gradient of {name} reaches the weights of the network that minimizes it. Is there a "
                         "detach() or no_grad() in forward?")


@torch.no_grad()
def refuse_stacked(gan: GAN, seed: int, real: torch.Tensor, noise: torch.Tensor) -> None:
    """Refuse losses that mix runs, and networks that do something else stacked than alone."""
    seeds = seed, seed + 1 if seed + 1 < 2**32 else 0
    generators, discriminators = zip(*(gan.build(i) for i in seeds), strict=True)
    fakes = torch.stack([generator(noise) for generator in generators])
    alone = [torch.stack([discriminator(real) for discriminator in discriminators]),
             torch.stack([discriminator(fake) for discriminator, fake in zip(discriminators, fakes, strict=True)])]

    for name, logits in (("generator_loss", alone[1:]), ("discriminator_loss", alone)):
        remedy = "must average over the last two axes, .mean((-2, -1)), so that logits of (runs, batch, 1) give (runs,)"
        tried = f"{name} {remedy}. For two runs, logits of shape {tuple(logits[0].shape)}, it"
        try:
            result = getattr(gan, name)(*logits)
        except Exception as error:
            raise ValueError(f"{tried} stopped with {type(error).__name__}: {error}. Labels: torch.ones_like(logits)."
                             ) from error
        if not isinstance(result, torch.Tensor) or result.shape != (2,):
            got = f"shape {tuple(result.shape)}" if isinstance(result, torch.Tensor) else f"{result!r:.60}"
            raise ValueError(f"{tried} gave {got}.")
        apart = torch.stack([getattr(gan, name)(*[part[run] for part in logits]) for run in range(2)])
        if not same(result, apart):
            raise ValueError(f"{tried} gave {result.tolist()}, one by one {apart.tolist()}.")

    stacked = stack(list(generators)), stack(list(discriminators))
    reals = torch.stack([real, real])
    for network, results, expected in (
        (generators[0], [stacked[0](torch.stack([noise, noise]))], [fakes]),
        (discriminators[0], logits_of_both(stacked[1], reals, fakes), alone),
    ):
        if not all(map(same, results, expected)):
            raise ValueError(f"stacked, {type(network).__name__} gives other results than alone. Layers of your own "
                             "must work on the last two axes only, the same way for every seed. If they cannot, use "
                             "train.")


def same(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two tensors are equal up to rounding."""
    return one.shape == other.shape and torch.allclose(one, other, rtol=1e-4, atol=1e-5, equal_nan=True)
