"""What is checked, once, before the first step: settings, and whether R, I, G, D and the losses fit together.

One batch of R and I is drawn for it, from a random source of its own, and one backward pass is tried on networks that
are thrown away. Every refusal names the component, what it did, and the remedy.
"""

import functools
import inspect
import warnings

import torch
from torch import nn

from gan_helpers import _validate, mnist
from gan_helpers.gan import GAN
from gan_helpers.training.stacking import stack

COMPONENTS = "real", "noise", "generator", "discriminator", "generator_loss", "discriminator_loss"


def validate(gan: GAN, steps: int, seed: int, device, stacked: bool = False) -> tuple[torch.device, dict]:
    """Refuse a GAN that cannot be trained; stacked: as many runs at once.

    Returns the device, and a fingerprint that tells functions of one name apart in a checkpoint.
    """
    settings(gan, steps)
    device = _validate.device(device)
    with torch.inference_mode(False), torch.enable_grad(), torch.random.fork_rng(devices=[]):  # for dropout
        return device, components(gan, seed, stacked)


def settings(gan: GAN, steps: int) -> None:
    """Refuse settings of the wrong type or outside their range."""
    if not isinstance(gan, GAN):
        raise TypeError(f"expected a GAN, got {gan!r:.60}. Make one: GAN(real=..., noise=..., generator=..., ...).")
    _validate.count(steps, "steps", most=10**9)
    _validate.count(gan.batch_size, "batch_size", most=10**9)
    _validate.number(gan.lr, "lr", above=0, below=1e30)
    _validate.count(gan.d_steps, "d_steps", least=0, most=10**6)
    if _validate.count(gan.g_steps, "g_steps", most=10**6) > 1 and gan.d_steps == 0:
        raise ValueError(f"g_steps is {gan.g_steps}, but with d_steps=0 both players step simultaneously. Set d_steps "
                         "too.")
    for name in ("r1", "gp", "clip"):
        _validate.number(getattr(gan, name), name, least=0)
    _validate.number(gan.ema, "ema", least=0, below=1)
    _validate.one_of(gan.precision, ("float32", "bfloat16"), "precision")
    if gan.d_lr is not None:
        _validate.number(gan.d_lr, "d_lr", above=0, below=1e30)
    if gan.momentum is not None:
        _validate.number(gan.momentum, "momentum", least=0, below=1)
    if not isinstance(gan.decay, bool):
        raise TypeError(f"decay must be True or False, got {gan.decay!r}.")
    if not isinstance(gan.betas, tuple | list) or len(gan.betas) != 2:
        raise TypeError(f"betas must be two numbers, such as (0.9, 0.999), got {gan.betas!r}.")
    for beta in gan.betas:
        _validate.number(beta, "each of betas", least=0, below=1)
    for name in COMPONENTS:
        part = getattr(gan, name)
        if name in ("real", "noise"):
            sampler(part, name)
        elif isinstance(part, nn.Module) and name in ("generator", "discriminator"):
            raise TypeError(f"{name} must be a function that builds a network, got the network {part!r:.60}. Pass the "
                            "function without calling it: each run needs a network of its own.")
        elif not callable(part):
            raise TypeError(f"{name} must be a function, got {part!r:.60}. Pass it without calling it.")


def evaluation_steps(evaluate, evaluate_at, keep_best, steps: int) -> frozenset[int]:
    """The steps at which to evaluate, each from 0 to `steps`."""
    if not hasattr(evaluate_at, "__iter__"):
        raise TypeError(f"evaluate_at must be a list of steps, got {evaluate_at!r}. Write ({evaluate_at!r},) for one.")
    at = frozenset(_validate.count(step, "each of evaluate_at", least=0) for step in evaluate_at)
    steps = _validate.count(steps, "steps", most=10**9)
    if at and max(at) > steps:
        raise ValueError(f"evaluate_at names step {max(at)}, but the run has {steps}. Name steps from 0 to {steps}.")
    for function, name in ((evaluate, "evaluate"), (keep_best, "keep_best")):
        if function is not None and not callable(function):
            raise TypeError(f"{name} must be a function of the run, got {function!r:.60}.")
    if at and evaluate is None and keep_best is None:
        raise TypeError("evaluate_at is given, so evaluate must be a function of the run, got None.")
    if keep_best is not None and not at:
        raise ValueError("keep_best needs steps to choose from: pass evaluate_at, such as range(0, steps + 1, 100).")
    return at


def sampler(part, name: str) -> None:
    """Refuse what is no function of n and rng."""
    if isinstance(part, torch.utils.data.DataLoader | torch.utils.data.Dataset):
        raise TypeError(f"{name} must be a sampler, {name}(n, rng), not a {type(part).__name__}. Put its samples into "
                        "one tensor, x, and pass data.from_samples(x), which draws batches of any size.")
    if not callable(part):
        raise TypeError(f"{name} must be a function, a sampler {name}(n, rng), got {part!r:.60} "
                        f"({type(part).__name__}). For numbers or images of your own pass data.from_samples(x).")
    try:
        signature = inspect.signature(part)
    except (TypeError, ValueError):  # some built-in functions have none
        return
    try:
        signature.bind(1, None)
    except TypeError as error:
        raise TypeError(f"{name} must take two arguments, n and rng, a torch.Generator to draw from; yours is "
                        f"{getattr(part, '__name__', name)}{signature} ({error}).") from error


def batch_of(part, name: str, n: int, rng: torch.Generator) -> torch.Tensor:
    """n samples on the CPU; refuse a sampler that gives something else than a tensor (n, features)."""
    try:
        batch = part(n, rng)
    except Exception as error:
        raise type(error)(f"{name}({n}, rng) stopped with {type(error).__name__}: {error}") from error
    if not isinstance(batch, torch.Tensor):
        raise ValueError(f"{name}(n, rng) must return a tensor of shape (n, features), for n = {n} it gave "
                         f"{type(batch).__name__}. For arrays or lists: data.from_samples(x).")
    if batch.dim() == 0 or len(batch) != n:
        raise ValueError(f"{name}(n, rng) must return n samples, a tensor of shape (n, features), for n = {n} it gave "
                         f"{tuple(batch.shape)}. n changes from call to call, so a loader's fixed batches will not do: "
                         "data.from_samples(x) draws any number.")
    if batch.dim() != 2:
        remedy = ".unsqueeze(1)" if batch.dim() == 1 else ".flatten(1), or layout='flat' for mnist.images"
        raise ValueError(f"{name}(n, rng) must return a tensor of shape (n, features), for n = {n} it gave "
                         f"{tuple(batch.shape)}. Reshape it: {remedy}.")
    return batch.cpu()  # a sampler whose data stays on a GPU may give it there


def components(gan: GAN, seed: int, stacked: bool) -> dict:
    """Refuse components that do not fit together; return the fingerprint."""
    rng, n = torch.Generator().manual_seed(seed), gan.batch_size
    real, noise = (batch_of(getattr(gan, name), name, n + 1, rng)[:n] for name in ("real", "noise"))
    networks, others = gan.build(seed), gan.build(seed)
    for network, other, name in zip(networks, others, ("generator", "discriminator"), strict=True):
        if not isinstance(network, nn.Module) or not any(True for _ in network.parameters()):
            raise TypeError(f"{name} must build a torch.nn.Module with weights to train, it gave {network!r:.60}.")
        if network is other:
            raise ValueError(f"{name} must build a fresh network at each call: put nn.Linear(...) and so on into the "
                             "function.")
        if not all(p.requires_grad for p in network.parameters()):
            raise ValueError(f"some weights of the {name} do not require gradients. Remove requires_grad_(False).")
    generator, discriminator = networks
    texts = [str(network) for network in networks]
    weights = [p.detach().clone() for network in networks for p in network.parameters()]

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
    logits = judge(gan, discriminator, real)
    if limits := bounded(others[1], real):
        raise ValueError(f"the discriminator's output never leaves {limits}, whatever its weights and inputs: it ends "
                         "in a sigmoid or the like, and the losses take logits. Leave the sigmoid out.")
    scale(gan, others[0], noise, real)

    losses = try_losses(gan, generator, discriminator, real, fake, logits)
    if stacked:
        stacked_losses(gan, logits)
        same_when_stacked(gan, seed, noise, real)
    parts = [real, noise, fake, logits, *losses, *weights]
    return {"layers": texts, "fingerprint": [f"{part.detach().double().abs().sum().item():.4g}" for part in parts]}


def judge(gan: GAN, discriminator, real: torch.Tensor) -> torch.Tensor:
    """D's logits of a batch; refuse a D that does not fit the batch or gives something else than logits."""
    try:
        logits = _validate.result_of(discriminator, real, "the discriminator", "real samples")
    except ValueError as error:
        first = next((m for m in discriminator.modules() if isinstance(m, nn.Linear)), None)
        rows = getattr(error.__cause__, "args", [""])[0]
        if first is not None and real.shape[1] == 1 and first.in_features != 1 and "mat1" in str(rows):
            raise ValueError(f"{error} Does D see whole batches? Then its first layer has {first.in_features} inputs, "
                             f"while batch_size is {gan.batch_size}: make the two fit.") from error
        raise
    if logits.shape not in ((len(real), 1), (1, 1)):
        raise ValueError(
            f"the discriminator must return one logit for each sample, shape ({len(real)}, 1), or one for the batch, "
            f"shape (1, 1), got {tuple(logits.shape)}. End it with a layer of one unit, without sigmoid."
        )
    return logits


@torch.no_grad()
def bounded(network: nn.Module, like: torch.Tensor) -> str:
    """An interval that the network's outputs do not leave, whatever its weights: found by trying 16 of them.

    The network's own weights are overwritten.
    """
    rng = torch.Generator().manual_seed(0)
    inputs = 1e4 * torch.randn(max(len(like), 2), like.shape[1], generator=rng, dtype=torch.float64).to(like)
    low, high = torch.inf, -torch.inf
    network.eval()
    for _ in range(16):
        for p in network.parameters():
            p.copy_(10 * torch.randn(p.shape, generator=rng))
        outputs = network(inputs)
        outputs = outputs[outputs.isfinite()]
        if outputs.numel():
            low, high = min(low, outputs.min().item()), max(high, outputs.max().item())
    network.train()
    for least, most, limits in ((0, 1, "[0, 1]"), (-1, 1, "[-1, 1]"), (-torch.inf, 0, "(-inf, 0]"),
                                (0, torch.inf, "[0, inf)")):
        if least <= low <= high <= most:
            return limits
    return ""


def scale(gan: GAN, generator: nn.Module, noise: torch.Tensor, real: torch.Tensor) -> None:
    """Refuse real samples on another scale than G's outputs."""
    made, told = bounded(generator, noise), scale_of(gan.real)
    if made not in mnist.SCALES or not torch.isfinite(real).all():  # what else it is shows in the first loss
        return
    what = f"real samples for a generator that makes {made}"
    if told and told != made:
        raise ValueError(f"{what} should lie in {made}, but the sampler gives {told}. Pass scale={made!r} to it, or "
                         f"end the generator in {'tanh' if told == '[-1, 1]' else 'a sigmoid'}.")
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


def try_losses(gan: GAN, generator, discriminator, real, fake, logits) -> tuple[torch.Tensor, torch.Tensor]:
    """Both losses of one batch, after a backward pass of each; refuse losses and layers that do not allow it."""
    fake_logits = _validate.result_of(discriminator, fake, "the discriminator", "fakes")
    g_loss = loss_of(gan.generator_loss, "generator_loss", fake_logits)
    d_loss = loss_of(gan.discriminator_loss, "discriminator_loss", logits, fake_logits)
    for name, loss, network in (("generator_loss", g_loss, generator), ("discriminator_loss", d_loss, discriminator)):
        if not loss.requires_grad:
            raise ValueError(f"no gradient flows through {name}: its result is detached from the logits, by .item(), "
                             "detach() or numpy. Return the tensor as torch computed it.")
        try:
            grads = torch.autograd.grad(loss, list(network.parameters()), retain_graph=True, allow_unused=True)
        except RuntimeError as error:
            inplace = [str(m) for part in (generator, discriminator) for m in part.modules()
                       if getattr(m, "inplace", False)]
            remedy = (f"Leave inplace=True out of {', '.join(inplace[:3])}: such a layer overwrites what another one "
                      "needs." if "inplace" in str(error) else "Look at what forward does to its tensors.")
            raise ValueError(f"PyTorch cannot compute the gradient of {name}: {error} {remedy}") from error
        if all(grad is None for grad in grads):
            raise ValueError(f"no gradient of {name} reaches the weights of the network that minimizes it. Is there a "
                             "detach() or no_grad() in forward?")
    return g_loss, d_loss


def loss_of(loss, name: str, *logits: torch.Tensor) -> torch.Tensor:
    """``loss(*logits)``; refuse a loss that stops or gives something else than one number."""
    shape = tuple(logits[0].shape)
    takes = f"{name}({', '.join(['logits'] * len(logits))}) was tried with logits of shape {shape}"
    try:
        result = loss(*logits)
    except Exception as error:
        raise ValueError(f"{takes} and stopped with {type(error).__name__}: {error}. A loss takes logits, not "
                         "probabilities, of any batch size: write torch.ones_like(logits), not torch.ones(16, 1), "
                         "and binary_cross_entropy_with_logits instead of BCELoss.") from error
    if not isinstance(result, torch.Tensor) or result.dim():
        got = tuple(result.shape) if isinstance(result, torch.Tensor) else repr(result)[:60]
        raise ValueError(f"{takes} and must return one number, a tensor of shape (); it gave {got}. Average over the "
                         "last two axes: .mean((-2, -1)).")
    return result


def stacked_losses(gan: GAN, logits: torch.Tensor) -> None:
    """Refuse losses that mix runs."""
    two = torch.stack([logits.detach(), logits.detach()])  # as for two runs
    for name, arguments in (("generator_loss", (two,)), ("discriminator_loss", (two, two))):
        remedy = "must average over the last two axes, .mean((-2, -1)), so that logits of (runs, batch, 1) give (runs,)"
        try:
            result = getattr(gan, name)(*arguments)
        except Exception as error:
            raise ValueError(f"{name} {remedy}. For two runs, shape {tuple(two.shape)}, it stopped with "
                             f"{type(error).__name__}: {error}. Labels: torch.ones_like(logits).") from error
        if not isinstance(result, torch.Tensor) or result.shape != (2,):
            shape = tuple(result.shape) if isinstance(result, torch.Tensor) else result
            raise ValueError(f"{name} {remedy}. For two runs it gave {shape}.")


@torch.no_grad()
def same_when_stacked(gan: GAN, seed: int, noise: torch.Tensor, real: torch.Tensor) -> None:
    """Refuse networks that, stacked, do something else than each of them alone (a layer of yours may mix samples)."""
    players = zip(*(gan.build(seed + i if seed + i < 2**32 else i) for i in range(2)), strict=True)
    for alone, batch in zip(players, (noise, real), strict=True):
        stacked = stack(list(alone))
        apart = torch.stack([network(batch) for network in alone])
        if not torch.allclose(stacked(torch.stack([batch, batch])), apart, rtol=1e-4, atol=1e-5, equal_nan=True):
            raise ValueError(f"stacked, {type(alone[0]).__name__} gives other results than alone. Layers of your own "
                             "must work on the last two axes only, the same way for every seed. If they cannot, use "
                             "train.")
