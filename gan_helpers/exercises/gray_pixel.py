"""Checks of chapter 2, in the order of its exercises. Each takes the learner's function."""

import math

import torch
from scipy.stats import norm

from gan_helpers.exercises import as_tensor, ask, check, require, right
from gan_helpers.exercises._compare import parts, slopes

PAIR = "the two losses as a pair: (minimax, non-saturating)"
GRID = torch.linspace(-3, 3, 2401, dtype=torch.float64)


def _normal(mean: float, std: float) -> torch.Tensor:
    return torch.from_numpy(norm.pdf(GRID.numpy(), mean, std))


def _curve(answer, points: torch.Tensor, *arguments) -> torch.Tensor:
    """What the learner's function makes of `points`, as float64 of their shape."""
    values = as_tensor(ask(answer, *arguments), f"a tensor of shape ({len(points)},)")
    require(values.shape == points.shape, f"for {len(points)} points return shape ({len(points)},), yours is "
            f"{tuple(values.shape)}.")
    return values


def _name(mistakes, values: torch.Tensor, expected: torch.Tensor, here: str = "", near: float = 1e-5) -> bool:
    """Whether the values are right; NotYet if they are what one of the mistakes (result, words) gives."""
    def says(other) -> bool:
        return torch.allclose(values, torch.as_tensor(other, dtype=torch.float64).expand_as(values), near, near)

    if says(expected):
        return True
    for other, words in mistakes:
        require(not says(other), f"{here}{words}")
    return False


@check
def generated_density(answer) -> None:
    """Exercise 1: p_g of G(z) = tanh(w z + b)."""
    x = torch.linspace(-0.9995, 0.9995, 4001, dtype=torch.float64)
    y = torch.atanh(x)

    def p_z(z) -> torch.Tensor:
        return torch.exp(-z.square() / 2) / math.sqrt(2 * math.pi)

    for w, b in ((0.6, 0.3), (-0.4, -0.2), (1.5, 0.1)):
        values, here = _curve(answer, x, x.clone(), w, b), f"for w = {w}, b = {b} "
        z, tanh = (y - b) / w, 1 - x.square()
        slope = abs(w) * tanh
        normal, expected = p_z(z), p_z(z) / slope
        require(not values.isnan().any(), f"{here}some values are NaN. atanh takes numbers between -1 and 1, log and "
                "sqrt take no negative ones.")
        there = "p_z is asked at the wrong z. Solve x = tanh(w z + b) for z: "
        is_right = _name((
            (normal, "this is p_z at the right z, but it is not yet divided by the slope of G."),
            (normal / abs(w), "the slope of tanh is missing: G' is w times 1 - x²."),
            (normal / tanh, "the slope of G also has the factor |w|."),
            (normal / (w * slope), "the factor |w| of the slope is there twice."),
            (normal * slope, "you multiply by the slope. Where G is steep the noise is spread thin: divide."),
            (-expected, "your density is negative. Take the absolute value of the slope."),
            (p_z((x - b) / w) / abs(w), "this is the density of w z + b. The tanh is missing: undo it with atanh."),
            (p_z((x - b) / w) / slope, f"{there}the tanh is still to be undone, with atanh."),
            (p_z(y / w) / slope, f"{there}b is missing."),
            (p_z(y / w - b) / slope, f"{there}subtract b before you divide by w."),
            (p_z((y + b) / w) / slope, f"{there}b enters with a minus."),
            (p_z(y - b) / slope, f"{there}w is missing."),
            (p_z(y) / slope, f"{there}w and b are missing."),
            (p_z(x) / slope, "you ask p_z at x. Ask it at the z that makes x."),
            (p_z(torch.tanh(w * x + b)) / slope, "you apply G to x. x is what G made: go back to the z that makes it."),
            (normal / (abs(w) * (1 - z.square())), "the slope of tanh is 1 - tanh², and tanh is x here, not z."),
            (normal / (abs(w) * (1 - x.tanh().square())), "x is the tanh already: its slope is 1 - x²."),
            (normal / (abs(w) * (1 - z.tanh().square())), "the slope of tanh is taken at z, not at w z + b. There it "
             "is 1 - x²."),
            (expected * math.sqrt(2 * math.pi), "the factor 1 / √(2π) of p_z is missing."),
            (normal * p_z(z) / p_z(0 * z) / slope, "the exponent of p_z is -z²/2. Is the 2 missing?"),
            (expected.log(), "this is the logarithm of the density."),
        ), values, expected, here, near=5e-4)
        few = _curve(answer, x[::800], x[::800].clone(), w, b)
        require(torch.allclose(few, values[::800], 5e-4, 5e-4), f"{here}you say {values[800]:.4f} at x = {x[800]:.2f} "
                f"if asked with 4001 points, and {few[1]:.4f} with 6. Every point has a density of its own: divide by "
                "no sum over the points, draw no samples.")
        require((values >= 0).all(), f"{here}a density is never below 0; yours is {values.min():.3f} somewhere.")
        area, whole = torch.trapezoid(values, x), torch.trapezoid(expected, x)
        require(abs(area - whole) < 2e-3, f"{here}your density integrates to {area:.3f} from -0.9995 to 0.9995, not to "
                f"{whole:.3f}. What did the change of variables lose?")
        worst = (values - expected).abs().argmax()
        require(is_right, f"{here}the integral is right, but at x = {x[worst]:.2f} you say {values[worst]:.4f}, and it "
                f"is {expected[worst]:.4f}.")
    right("It integrates to 1 for every w and b, and with w = 1.5 it has two peaks: two weights can do that.")


@check
def optimal_d(answer) -> None:
    """Exercise 2: D* from two densities."""
    p, q = _normal(0, 0.35), _normal(0.4, 0.5)
    p[(GRID < -1.6) | (GRID > 1)], q[(GRID < -1) | (GRID > 2)] = 0, 0  # each is alone somewhere, and small there
    both = p + q
    met = both > 0
    values = _curve(answer, GRID, p.clone(), q.clone())
    missing = (values.isnan() & met).nonzero()
    if len(missing):
        k = missing[0, 0]
        require(False, f"where p_data is {p[k]:.2g} and p_g is {q[k]:.2g} you get NaN.")
    empty = values[~met]
    a, b, values, x = p[met], q[met], values[met], GRID[met]
    expected = a / (a + b)
    is_right = _name((
        (1 - expected, "this is the chance that the sample is a fake. D states how sure it is of real."),
        (a / b, "this is the ratio p_data / p_g. D states a probability: divide by the sum."),
        (b / a, "this is the ratio p_g / p_data. D states a probability of real: p_data over the sum."),
        (expected.logit(), "this is the logit of D*. Pass it through a sigmoid."),
        (expected.sigmoid(), "p_data over the sum is a probability already. Leave the sigmoid out."),
        ((a - b).sigmoid(), "sigmoid takes the difference of the logs of the densities, log p_data - log p_g."),
        ((a / b).sigmoid(), "sigmoid takes the log of the ratio p_data / p_g."),
        (expected.log(), "this is the log of D*."),
        (2 * expected, "this is twice D*. Divide by the sum of the densities, not by their mean."),
        ((a > b).double(), "this is a hard yes or no. D states a probability."),
        (a + b, "this is the sum of the two densities. It belongs under the fraction."),
        ((a + b) / 2, "this is the mean of the two densities. D* compares them: p_data over the sum."),
        (a / (a + b).sum(), "you divide by the sum over all points. Divide at each point by p_data + p_g there."),
        (a - b, "this is the difference of the densities. Divide p_data by the sum."),
        (a, "this is p_data alone. What D should say depends on p_g too."),
        (b, "this is p_g alone. What D should say depends on p_data too."),
        (0.5, "one half everywhere is D* only if the two densities are equal."),
    ), values, expected, near=1e-6)
    require(values.min() >= -1e-6 and values.max() <= 1 + 1e-6, "D states a probability, from 0 to 1. Yours goes from "
            f"{values.min():.3g} to {values.max():.3g}.")
    gap = (values - expected).abs()
    k = gap.argmax()
    small = a[k] + b[k] < 1e-2 and gap[a + b > 0.1].max() < 0.02
    require(is_right, f"at x = {x[k]:.2f}, where p_data is {a[k]:.2g} and p_g is {b[k]:.2g}, you say "
            f"{values[k]:.4f}, and it is {expected[k]:.4f}." + small * " The rest is right: is there a small number "
            "that you add or compare with?")
    require((empty - 0.5).abs().max() < 1e-6, f"where both are 0, say 0.5: yours is {empty[0]:.3g} there.")
    right("It is Bayes' rule for a sample that comes from either side half of the time.")


@check
def unseen_fakes(answer) -> None:
    """Exercise 3: fakes that no linear D tells from -0.5 and 0.5."""
    fakes = as_tensor(ask(answer), "a list of pixels, such as [-0.1, 0.3]")
    require(fakes.dim() == 1 and len(fakes) >= 2, "return a flat list of at least two pixels, such as [-0.1, 0.3].")
    require(len(fakes) <= 1000, f"{len(fakes)} pixels are more than needed. A handful will do.")
    require(torch.isfinite(fakes).all(), "every pixel must be a finite number.")
    require(fakes.abs().max() <= 1, f"{fakes[fakes.abs().argmax()]:.5g} is no pixel: they lie between -1 and 1.")
    near = (fakes.abs() - 0.5).abs()
    require(near.min() >= 0.2 - 1e-6, f"{fakes[near.argmin()]:.3g} is only {near.min():.3g} away from a real pixel. "
            "Keep 0.2 or more.")
    mean = fakes.mean().item()
    require(abs(mean) < 1e-6, f"their mean is {mean:.3g}, that of the real pixels is 0. A linear D sees that: which "
            "way would its line tilt?")
    right("Every line stays at 2 log 2, and not one of the fakes is near a real pixel.")


@check
def jensen_shannon(answer) -> None:
    """Exercise 4: JSD on a grid."""
    one_side = (GRID > 0.2) & (GRID < 2.2)  # beyond it both are 0
    right_one = one_side.double() * _normal(1.2, 0.2)
    coarse = slice(200, -200, 2)  # another grid, for answers that know the first one by heart
    cases = (("two bell curves", GRID, _normal(0, 0.35), _normal(0.4, 0.5)),
             ("equal densities", GRID[coarse], _normal(0, 0.5)[coarse], _normal(0, 0.5)[coarse]),
             ("densities that never meet", GRID, right_one.flip(0), right_one),
             ("narrow bell curves far apart", GRID, _normal(0, 0.35), _normal(1.5, 0.1)))
    for name, grid, p, q in cases:
        def area(values, grid=grid) -> float:
            return torch.trapezoid(values, grid).item()

        mean, here = (p + q) / 2, f"for {name} "
        d, other = torch.where(mean > 0, p / (2 * mean), 0.5), torch.where(mean > 0, q / (2 * mean), 0.5)
        to_p, to_q = area(torch.xlogy(p, p) - torch.xlogy(p, mean)), area(torch.xlogy(q, q) - torch.xlogy(q, mean))
        kl, reverse = area(torch.xlogy(p, p) - torch.xlogy(p, q)), area(torch.xlogy(q, q) - torch.xlogy(q, p))
        game, nats = area(torch.xlogy(p, d) + torch.xlogy(q, other)), math.log(2)
        swapped = area(torch.xlogy(p, other) + torch.xlogy(q, d))
        expected, total, step = game / 2 + nats, game / (grid[1] - grid[0]).item(), (grid[1] - grid[0]).item()
        value = as_tensor(ask(answer, p.clone(), q.clone(), grid.clone()), "one number")
        require(value.shape != grid.shape, f"return one number, not one for each of the {len(grid)} points. Integrate: "
                "torch.trapezoid(values, grid).")
        require(value.numel() == 1, f"return one number, not shape {tuple(value.shape)}.")
        value = value.reshape(())
        require(not value.isnan(), f"{here}you get NaN: 0 log 0, or 0 / 0, where a density is 0.")
        require(not value.isinf() or "narrow" not in name, f"{here}you get {value.item()}. Where p_g is tiny beside "
                "p_data, 1 - D* is rounded to 0, and its log is infinite. p_g / (p_data + p_g) is not rounded.")
        require(not value.isinf(), f"{here}you get {value.item()}: a log of 0, or a division by 0. torch.xlogy(0, 0) "
                "is 0, and JSD is never infinite.")
        mistakes = (
            (game, "this is the value V of the game. Solve (2.5) for the divergence."),
            (game + 2 * nats, "this is twice the divergence."),
            (game / 2 + 2 * nats, "2 log 2 is to be halved as well."),
            (game + nats, "V is to be halved as well."),
            (game / 2, "log 2 is missing: V = -2 log 2 + 2 JSD."),
            (game / 2 - nats, "log 2 has the wrong sign: V = -2 log 2 + 2 JSD, so 2 log 2 goes to the other side."),
            (nats - game / 2, "V enters with the wrong sign. Or is the grid the first argument of torch.trapezoid? "
             "It is the second."),
            (expected / 2, "this is half the divergence."),
            (expected / nats, "this is in bits. Take log, not log2."),
            (game / nats / 2 + nats, "V is in bits and log 2 in nats. Take log, not log2."),
            (math.sqrt(max(expected, 0)), "this is the square root, the distance that scipy gives. Square it."),
            (-expected, "the sign is turned: a divergence is 0 or more."),
            (kl, "this is the Kullback-Leibler divergence, which compares with p_g and not with the mean of both."),
            (reverse, "this is the Kullback-Leibler divergence of p_g from p_data, not from the mean of both."),
            ((kl + reverse) / 2, "this compares p_data and p_g with each other. Compare each with the mean of both."),
            (kl + reverse, "this compares p_data and p_g with each other. Compare each with the mean of both."),
            (to_p, "this is the half of it that p_data gives. Add that of p_g, and take the mean."),
            (to_p / 2, "the term for p_g is missing."),
            (to_q / 2, "the term for p_data is missing."),
            (area(torch.xlogy(p, d)) / 2 + nats, "V has two terms. That of the fakes is missing: p_g log(1 - D*)."),
            (area(torch.xlogy(p, d) + torch.xlogy(q, d)) / 2 + nats, "both terms of V have log D*. The fakes have "
             "log(1 - D*)."),
            (swapped / 2 + nats, "D* and 1 - D* are the wrong way round in V."),
            (area((p - q).abs()) / 2, "this is the total variation distance, half the area between the curves."),
            (total / 2 + nats, "you sum over the grid. Integrate: torch.trapezoid(values, grid)."),
            (expected / step, "you sum over the grid. Integrate: torch.trapezoid(values, grid)."),
            (total / len(grid) / 2 + nats, "you average over the grid. Integrate: torch.trapezoid(values, grid)."),
        )
        if name != "two bell curves":  # elsewhere different mistakes give one result
            mistakes = ()
        is_right = _name(mistakes, value, torch.tensor(expected, dtype=torch.float64), here, near=1e-4)
        require(is_right, f"{here}it is {expected:.5f}, yours {value:.5f}.")
    right("0 for equal densities, log 2 for densities that never meet, and the value of the game in between.")


@check
def generator_losses(answer) -> None:
    """Exercise 5: both generator losses from logits."""
    logits = torch.tensor([[-2.0], [0.5], [1.0], [3.0]], dtype=torch.float64)
    d = logits.sigmoid()
    minimax, other = torch.log(1 - d).mean().item(), -torch.log(d).mean().item()  # other: the non-saturating loss
    values = _pair(ask(answer, logits.clone()))
    require(not values.isnan().any(), "you get NaN. A logit is no probability: D = sigmoid(logit).")
    again, nats = d.sigmoid(), math.log(2)
    is_right = _name([(torch.tensor(pair, dtype=torch.float64), words) for *pair, words in (
        (other, minimax, "the two are the wrong way round: minimax first."),
        (minimax * 4, other * 4, "these are sums over the batch. Take the mean."),
        (-minimax, other, "minimax has the sign turned: G makes log(1 - D) small, so it is negative."),
        (minimax, -other, "non-saturating has the sign turned: -log D is positive."),
        (-minimax, -other, "both signs are turned."),
        (other, other, "both are -log D. The minimax loss looks at 1 - D."),
        (minimax, minimax, "both are log(1 - D). The non-saturating loss looks at D."),
        (minimax, -minimax, "both look at 1 - D. The non-saturating loss is -log D."),
        (-other, other, "minimax is log(1 - D), not log D."),
        (-other, -minimax, "D is sigmoid(logit), not sigmoid(-logit)."),
        (minimax / nats, other / nats, "these are in bits. Take log, not log2."),
        (torch.log(1 - again).mean(), -torch.log(again).mean(), "the sigmoid is applied twice."),
        (torch.log(1 - d.mean()), -torch.log(d.mean()), "you average before the log. Take the mean of the logs."),
        (torch.log(1 - logits.mean().sigmoid()), -torch.log(logits.mean().sigmoid()), "you average the logits. Take "
         "the mean of the losses."),
        ((1 - d).mean(), -d.mean(), "the logs are missing."),
        ((1 - d).mean(), d.mean(), "these are 1 - D and D. The losses are log(1 - D) and -log D."),
        (-d.mean(), (d - 1).mean(), "these are the slopes. Return the losses themselves."),
    )], values, torch.tensor([minimax, other], dtype=torch.float64))
    require(is_right, f"for logits -2, 0.5, 1, 3 they are {minimax:.4f} and {other:.4f}, yours {values[0]:.4f} and "
            f"{values[1]:.4f}.")
    leaf = logits.clone().requires_grad_()
    pair = parts(ask(answer, leaf * 1), 2, PAIR)
    for name, loss, wanted in (("minimax", pair[0], -d / 4), ("non-saturating", pair[1], (d - 1) / 4)):
        (mine,) = slopes(loss, [leaf], name)
        require(torch.allclose(mine, wanted, rtol=0, atol=1e-5), f"{name} has the right value, but its slope in the "
                f"first logit, -2, is {mine[0].item():.4f}, not {wanted[0].item():.4f}. Is a part of it cut off from "
                "the gradient?")
    for logit in (200.0, -200.0):
        sure = _pair(ask(answer, torch.tensor([[logit]])))
        wanted = torch.tensor([-max(logit, 0), max(-logit, 0)], dtype=torch.float64)
        require(torch.isfinite(sure).all(), f"at a logit of {logit:.0f} you get {sure.tolist()}: exp(200) is infinite "
                "in float32, and a probability is rounded to 0 or 1 before the log. Stay with logits: softplus.")
        require((sure - wanted).abs().max() < 0.01, f"at a logit of {logit:.0f} they are {wanted.tolist()}, yours "
                f"{[round(v, 2) for v in sure.tolist()]}: something is clipped. Stay with logits.")
    right("Both push every logit up. At D = 0.01 the first pushes with 0.01, the second with 0.99.")


def _pair(found) -> torch.Tensor:
    """Two losses as a tensor (2,)."""
    losses = [as_tensor(value, "two numbers") for value in parts(found, 2, PAIR)]
    require(all(loss.numel() == 1 for loss in losses), "each loss is one number, the mean over the batch.")
    return torch.cat([loss.reshape(1) for loss in losses])
