"""All measurements of one GAN as {name: number}; NaN for what could not be measured. `causes` judges them."""

import contextlib
import copy
import math

import torch

from gan_helpers.diagnosis import loop as loops
from gan_helpers.diagnosis import networks, samples
from gan_helpers.diagnosis.parts import Parts
from gan_helpers.training.validation import bounded

SAMPLES, CHECKED, TRAINED = 1000, 10_000, 60  # fakes; samples looked through for NaN; steps of D on a frozen G
BLUR = 0.1  # standard deviation of a cloud around the data's mean, in that of the data
SMALL = 0.5  # a training set is small if this share of the samples looked through are repetitions


def measure(parts: Parts, seed: int = 0) -> dict[str, float]:
    """Everything that can be measured of these parts. The networks are as they were after it."""
    with torch.random.fork_rng(devices=[]), contextlib.ExitStack() as stack:
        torch.random.default_generator.manual_seed(seed)
        rng = torch.Generator().manual_seed(seed)
        found = {}
        count = max(SAMPLES, 12 * parts.batch_size)
        first = parts.real(max(CHECKED, count), rng)
        real = finite(first, found)[:count]
        found |= of_data(real)
        generator, discriminator = (copy.deepcopy(part).requires_grad_(False) for part in
                                    (parts.generator, parts.discriminator))
        found |= of_range(generator, discriminator, real, parts.noise(64, rng))
        noise = parts.noise(count, rng)
        found["noise_kinds"] = kinds(noise) / max(1, kinds(real))
        found["g_finite"], found["d_finite"] = (float(all(p.isfinite().all() for p in part.parameters()))
                                                for part in (generator, discriminator))
        healthy = found["g_finite"] and found["d_finite"] and found["nan_share"] < 1
        if healthy:
            held_out = parts.held_out and parts.held_out(count, rng)
            found |= of_samples(parts, generator, discriminator, real, noise, held_out, first, rng)
        if parts.losses is not None:
            found |= of_losses(*parts.losses)
        if parts.step is not None:
            trained = parts.trained if parts.trained is not None else parts.generator
            loop = stack.enter_context(loops.Loop(parts.step, trained, parts.discriminator))
            found |= loops.updates(loop) | loops.leftovers(loop)
            if healthy and not found["nan_share"]:
                found |= loops.directions(loop, real, noise, parts.batch_size) | loops.output_gradients(loop)
                if found["d_bounded"] and math.isnan(found["as_probabilities"]):
                    again = loops.output_gradients(loop, fresh=True)
                    found |= {name: again[name] for name in ("as_logits", "as_probabilities")}
                found |= loops.ahead(loop, trained, real.flatten(1), noise)
    return {name: float(value) for name, value in found.items()}


def finite(first: torch.Tensor, found: dict) -> torch.Tensor:
    """The samples without NaN or Inf."""
    good = first.flatten(1).isfinite().all(1)
    found["nan_share"] = 1 - good.double().mean().item()
    return first[good] if good.any() else torch.zeros_like(first)


def of_data(real: torch.Tensor) -> dict[str, float]:
    """The size of the numbers, and how many of them G has seen."""
    values = real.flatten(1)
    return {"data_size": values.square().mean().sqrt().item(), "data_std": samples.scale_of(values),
            "data_low": values.min().item(), "data_high": values.max().item()}


def kinds(cloud: torch.Tensor) -> int:
    """How many different samples there are in a cloud."""
    return len(torch.unique(cloud.flatten(1), dim=0))


def of_range(generator, discriminator, real, noise) -> dict[str, float]:
    """The limits of what G and D can put out, whatever their weights, against the data."""
    limits = {"[0, 1]": (0.0, 1.0), "[-1, 1]": (-1.0, 1.0), "(-inf, 0]": (-math.inf, 0.0), "[0, inf)": (0.0, math.inf)}
    low, high = limits.get(bounded(copy.deepcopy(generator), noise), (-math.inf, math.inf))
    values = real.flatten(1)
    outside = ((values < low - 1e-3) | (values > high + 1e-3)).double().mean().item()
    # tanh for data that are never below 0: half of what G can make is never real
    unused = float(low == -1 and values.min() >= 0 and values.shape[1] > 1)
    d_bounded = bounded(copy.deepcopy(discriminator), real[:64]) == "[0, 1]"
    return {"outside": outside, "unused": unused, "d_bounded": float(d_bounded)}


def of_samples(parts, generator, discriminator, real, noise, held_out, first, rng) -> dict[str, float]:
    """What fakes and networks tell while everything stands still."""
    found, size = {}, parts.batch_size
    cloud = real.flatten(1)
    scale = samples.scale_of(cloud)
    if networks.has_batch_norm(generator):
        found["batch_dependence"] = networks.batch_dependence(copy.deepcopy(generator), noise, scale)
    generator.eval()
    discriminator.eval()
    with torch.no_grad():
        fake = generator(noise)
        flat = fake.flatten(1)
        found["distance"] = samples.sliced_distance(cloud, flat)
        other = first[-len(real):].flatten(1) if held_out is None else held_out.flatten(1)
        other = other[other.isfinite().all(1)]
        found["floor"] = samples.sliced_distance(cloud, other)
        found["spread"] = samples.spread(cloud, flat)
        found["mean_off"] = (flat.mean(0) - cloud.mean(0)).norm().item() / scale / cloud.shape[1] ** 0.5
        found["std_ratio"] = samples.scale_of(flat) / scale
        few = 500
        found["precision"], found["coverage"] = samples.precision_and_coverage(cloud[:few], flat[:few], rng)
        of_real, of_fake = (networks.judged(discriminator, part, size) for part in (real, fake))
        found["d_auc"] = samples.auc(of_real, of_fake)
        found["d_real"], found["d_fake"] = of_real.median().item(), of_fake.median().item()
        unique = torch.unique(first.flatten(1)[first.flatten(1).isfinite().all(1)], dim=0)
        found["repeated"] = 1 - len(unique) / len(first)
        if held_out is not None:
            of_held_out = networks.judged(discriminator, held_out, size)
            found["train_auc"] = samples.auc(of_real, of_held_out)
            if found["repeated"] > SMALL:
                found["known"] = (samples.metrics.clouds.nearest(unique, other[:few])[0] < 1e-6 * scale).double().mean()
                found["copying"] = samples.copying(unique, other[:few], flat[:few])
        found["g_sleeping"] = networks.sleeping(generator, noise)
        found["d_sleeping"] = networks.sleeping(discriminator, torch.cat([real, fake]))
    found["slope"] = networks.slope(discriminator, fake, scale, size)
    with torch.enable_grad():
        found["mean_auc"] = blindness(discriminator, real, size, rng)
        found["larger_auc"] = networks.told_apart(networks.larger(real), real, fake, size, TRAINED, rng)
    return found


def blindness(discriminator, real, batch_size: int, rng: torch.Generator) -> float:
    """How well a fresh D of this kind learns to tell the data from a narrow cloud around their mean.

    Whatever G does: a D that cannot do this sees nothing of the data but their mean. In standard units, since this is
    about what D can see, not about where it begins. NaN for a D that judges whole batches: its answers are too few.
    """
    with torch.no_grad():
        if len(discriminator(real[:batch_size])) < batch_size:
            return math.nan
    standard = networks.Standardized(real)(real)
    cloud = BLUR * torch.randn(standard.shape, generator=rng)
    return networks.told_apart(networks.fresh(discriminator), standard, cloud, batch_size, TRAINED, rng)


def of_losses(g_loss, d_loss) -> dict[str, float]:
    """The least losses, which tell whether probabilities were taken for logits."""
    return {"g_loss_least": g_loss.nan_to_num(math.inf).min().item(), "losses_finite": float(d_loss.isfinite().all()),
            "d_loss_least": d_loss.nan_to_num(math.inf).min().item()}
