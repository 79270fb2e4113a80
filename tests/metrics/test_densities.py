"""Densities on a grid against scipy, against samples and against brute force."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, optimize, stats
from torch import nn

from gan_helpers.metrics import densities
from gan_helpers.training import stack

PIXELS = torch.linspace(-1, 1, 2001, dtype=torch.float64)
WIDE = torch.linspace(-6, 6, 2401, dtype=torch.float64)
STEP = 12 / 2400
DATA = densities.gray_pixels, densities.ink_and_paper


def cut_off(x, mean, std):
    """N(mean, std) between -1 and 1, from its definition."""
    inside = integrate.quad(lambda t: stats.norm.pdf(t, mean, std), -1, 1, points=[mean])[0]
    return np.where(np.abs(x) <= 1, stats.norm.pdf(x, mean, std) / inside, 0)


def normal(mean, std, grid=WIDE):
    return torch.from_numpy(stats.norm.pdf(grid.numpy(), mean, std))


def linear(weight, bias):
    layer = nn.Linear(1, 1)
    layer.weight.data.fill_(weight)
    layer.bias.data.fill_(bias)
    return layer


def wavy(seed=0):
    """A G that goes up, down and up again."""
    network = nn.Sequential(nn.Linear(1, 3), nn.Tanh(), nn.Linear(3, 1))
    numbers = [2.0] * 3, [-2.0, 0.3 * seed, 2.0], [2.0, -2.5 - seed, 1.5], [0.2]
    for p, values in zip(network.parameters(), numbers, strict=True):
        p.data[:] = torch.tensor(values).reshape(p.shape)
    return network


def cells(density, grid):
    """The integral of a density that is given as the average over each cell."""
    return density.sum(-1) * (grid[1] - grid[0])


def test_the_data_densities_are_those_of_their_definition():
    grid = torch.linspace(-1.5, 1.5, 601, dtype=torch.float64)
    gray, printed = densities.gray_pixels(grid), densities.ink_and_paper(grid)
    assert gray.dtype == printed.dtype == torch.float64
    x = grid.numpy()
    np.testing.assert_allclose(gray, cut_off(x, 0, 0.35), rtol=1e-7)
    np.testing.assert_allclose(printed, 0.7 * cut_off(x, -0.5, 0.15) + 0.3 * cut_off(x, 0.5, 0.15), rtol=1e-7)
    assert not gray[grid.abs() > 1].any() and not printed[grid.abs() > 1].any()


@pytest.mark.parametrize("density", DATA)
def test_the_data_densities_take_float32(density):
    torch.testing.assert_close(density(PIXELS.float()), density(PIXELS), rtol=1e-4, atol=1e-5)
    assert density(PIXELS.float()).dtype == torch.float64


@pytest.mark.parametrize(("weight", "bias"), [(1.0, 0.0), (0.35, 0.5), (-1.25, -1.0), (0.05, 2.0)])
def test_a_linear_generator_makes_a_normal_density(weight, bias):
    made = densities.generated(linear(weight, bias), WIDE)
    exact = normal(bias, abs(weight))
    assert made.dtype == torch.float64 and made.shape == WIDE.shape
    assert (made - exact).abs().max() < 1e-3 * exact.max()
    edges = np.append(WIDE - STEP / 2, WIDE[-1] + STEP / 2)
    np.testing.assert_allclose(made, np.diff(stats.norm.cdf(edges, bias, abs(weight))) / STEP, atol=1e-4 / abs(weight))


@pytest.mark.parametrize("weight", [1.5, -0.5])
def test_uniform_noise_through_a_linear_generator_stays_uniform(weight):
    made = densities.generated(linear(weight, 0.25), WIDE, stats.uniform(-1, 2))
    inside = (WIDE - 0.25).abs() < abs(weight) - 0.01
    outside = (WIDE - 0.25).abs() > abs(weight) + 0.01
    np.testing.assert_allclose(made[inside], 0.5 / abs(weight), rtol=1e-4)
    np.testing.assert_allclose(made[outside], 0, atol=1e-9)
    assert cells(made, WIDE).item() == pytest.approx(1)


def test_a_tanh_at_the_end_is_the_change_of_variables_by_hand():
    network = nn.Sequential(linear(0.5, 0.3), nn.Tanh())
    grid = torch.linspace(-0.95, 0.95, 951, dtype=torch.float64)
    exact = stats.norm.pdf(np.arctanh(grid.numpy()), 0.3, 0.5) / (1 - grid.numpy() ** 2)
    np.testing.assert_allclose(densities.generated(network, grid), exact, rtol=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_a_generator_that_goes_up_and_down_against_a_million_samples(seed):
    network, grid = wavy(seed), torch.linspace(-8, 8, 161, dtype=torch.float64)
    z = torch.randn(1_000_000, 1, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        samples, along = network(z).flatten(), network(torch.linspace(-4, 4, 801).unsqueeze(1)).flatten().diff()
    assert (along > 1e-3).any() and (along < -1e-3).any(), "this G is to turn around"
    made = densities.generated(network, grid)
    counts, _ = np.histogram(samples, np.append(grid - 0.05, 8.05))
    share = made.numpy() * 0.1
    off = np.abs(counts / 1e6 - share)
    assert (off < 5 * np.sqrt(share * (1 - share) / 1e6) + 2e-6).all()  # five standard errors
    assert cells(made, grid).item() == pytest.approx(counts.sum() / 1e6, abs=1e-4)
    assert (made >= 0).all()


@pytest.mark.parametrize("spot", [0.0, 0.3, -5.0, 5.99])
def test_a_flat_generator_puts_everything_into_one_cell(spot):
    made = densities.generated(linear(0.0, spot), WIDE)
    assert made.argmax() == (WIDE - spot).abs().argmin()
    assert made.max().item() == pytest.approx(1 / STEP, rel=1e-3) or spot == 5.99  # may lie on the edge of two cells
    assert cells(made, WIDE).item() == pytest.approx(1, abs=1e-8)  # with the tails of the noise


def test_what_falls_outside_the_grid_is_missing():
    grid = torch.linspace(0, 6, 1201, dtype=torch.float64)
    assert cells(densities.generated(linear(1.0, 0.0), grid), grid).item() == pytest.approx(0.5, abs=2e-3)
    assert densities.generated(linear(0.0, -3.0), grid).max() < 1e-3  # rounding leaves some
    assert densities.generated(linear(0.0, 9.0), grid).sum() == densities.generated(linear(0.0, -1e9), WIDE).sum() == 0


def test_stacked_generators_give_what_each_gives_alone():
    alone = [wavy(0), wavy(1), wavy(2)]
    made = densities.generated(stack(alone), WIDE)
    assert made.shape == (3, len(WIDE))
    for row, single in zip(made, alone, strict=True):
        torch.testing.assert_close(row, densities.generated(single, WIDE), rtol=1e-3, atol=1e-3)


def test_gradients_are_left_alone():
    network = wavy()
    assert not densities.generated(network, WIDE.clone().requires_grad_()).requires_grad
    assert all(p.grad is None and p.requires_grad for p in network.parameters())
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("label", [1.0, 0.9, 0.5])
def test_the_optimal_discriminator_pays_least(label):
    """At each x, D pays -p (a log D + (1 - a) log(1 - D)) - q log(1 - D): minimized by brute force."""
    p, q = torch.tensor([0.0, 0.1, 0.5, 2.0, 7.0]), torch.tensor([1.0, 0.4, 0.5, 0.1, 0.01])
    best = densities.optimal_discriminator(p, q, label)
    for a, b, d_star in zip(p.tolist(), q.tolist(), best.tolist(), strict=True):
        def bill(d, a=a, b=b):
            return -a * (label * math.log(d) + (1 - label) * math.log1p(-d)) - b * math.log1p(-d)

        least = optimize.minimize_scalar(bill, bounds=(1e-9, 1 - 1e-9), method="bounded", options={"xatol": 1e-10}).x
        assert d_star == pytest.approx(least, abs=1e-5)


def test_where_both_densities_are_0_the_optimal_discriminator_is_nan():
    best = densities.optimal_discriminator([0.0, 1.0, 0.0, 3.0], [0.0, 0.0, 2.0, 1.0])
    assert best[0].isnan() and best[1:].tolist() == [1, 0, 0.75]
    assert densities.optimal_discriminator(torch.ones(2, 3), torch.ones(3)).shape == (2, 3)


@pytest.mark.parametrize(("p", "q"), [((0, 1), (1, 1)), ((0, 0.35), (0.4, 0.5)), ((-2, 0.3), (2, 0.3))])
def test_the_divergence_is_that_of_scipy_and_of_the_game(p, q):
    def integrand(x):
        a, b = stats.norm.pdf(x, *p), stats.norm.pdf(x, *q)
        half = (a + b) / 2
        return (a * math.log(a / half) if a else 0) / 2 + (b * math.log(b / half) if b else 0) / 2

    exact = integrate.quad(integrand, -6, 6, points=[p[0], q[0]], limit=200)[0]
    p, q = normal(*p), normal(*q)
    found = densities.jensen_shannon(p, q, WIDE)
    assert found.shape == () and found.dtype == torch.float64
    assert found.item() == pytest.approx(exact, abs=1e-6)
    real, fake = densities.optimal_discriminator(p, q), densities.optimal_discriminator(q, p)  # 1 - D*, unrounded
    game = torch.trapezoid(torch.xlogy(p, real) + torch.xlogy(q, fake), WIDE).item()
    assert game == pytest.approx(-2 * math.log(2) + 2 * found.item(), abs=1e-6)
    assert densities.jensen_shannon(q, p, WIDE).item() == pytest.approx(found.item())


def test_the_divergence_of_equal_and_of_disjoint_densities():
    p = densities.ink_and_paper(PIXELS)
    assert densities.jensen_shannon(p, p, PIXELS) == 0
    left, right = (2 * normal(0, 0.5) * half for half in (WIDE < 0, WIDE > 0))
    assert densities.jensen_shannon(left, right, WIDE).item() == pytest.approx(math.log(2))


def test_the_divergence_of_almost_equal_densities_is_almost_0():
    p, rng = normal(0, 0.5), torch.Generator().manual_seed(0)
    almost = p * (1 + 1e-12 * torch.randn(50, len(WIDE), generator=rng, dtype=torch.float64))
    found = densities.jensen_shannon(p, almost, WIDE)
    assert ((found >= 0) & (found < 1e-9)).all()


def test_many_divergences_at_once():
    p, q = densities.gray_pixels(PIXELS), torch.stack([densities.gray_pixels(PIXELS), densities.ink_and_paper(PIXELS)])
    found = densities.jensen_shannon(p, q, PIXELS)
    assert found.shape == (2,) and found[0] == 0
    assert found[1] == densities.jensen_shannon(p, q[1], PIXELS)
    torch.testing.assert_close(densities.jensen_shannon(q, p, PIXELS), found)


@pytest.mark.parametrize("grid", [
    torch.tensor([0.0, 1.0, 1.0]), torch.tensor([1.0, 0.0, -1.0]), torch.tensor([0.0, 1.0, 3.0]), torch.zeros(3, 4),
    torch.tensor([1.0]), torch.tensor(1.0), torch.tensor([]), [0.0, 2.0, 1.0], torch.tensor([0.0, math.nan, 1.0]),
    torch.tensor([0.0, math.inf]), torch.tensor([0.0, 1.0, 2.02]),
])  # fmt: skip
@pytest.mark.parametrize("function", [
    *DATA, lambda grid: densities.generated(wavy(), grid),
    lambda grid: densities.jensen_shannon(torch.ones(3), torch.ones(3), grid),
])
def test_a_grid_is_increasing_and_even(function, grid):
    with pytest.raises(ValueError, match=r"a grid is an increasing, evenly spaced tensor \(n,\), got shape.*linspace"):
        function(grid)


@pytest.mark.parametrize("wrong", [-0.25, math.nan, math.inf])
@pytest.mark.parametrize("function", [densities.optimal_discriminator,
                                      lambda p, q: densities.jensen_shannon(p, q, WIDE)])
def test_a_density_is_finite_and_not_negative(function, wrong):
    good, bad = normal(0, 1), normal(0, 1)
    bad[100] = wrong
    for name, pair in (("p_data", (bad, good)), ("p_g", (good, bad))):
        with pytest.raises(ValueError, match=f"{name} must be finite and 0 or more, got {wrong}"):
            function(*pair)


GOOD = normal(0, 1)
MANY = GOOD.repeat(3, 1)


def test_one_density_goes_with_many_and_2_percent_may_lie_outside_the_grid():
    less = densities.jensen_shannon(normal(0.5, 1), 0.985 * GOOD, WIDE)
    assert less.item() == pytest.approx(densities.jensen_shannon(normal(0.5, 1), GOOD, WIDE).item())
    assert densities.optimal_discriminator(MANY[0], MANY).shape == MANY.shape


def divergence(p, q, grid=WIDE):
    return lambda: densities.jensen_shannon(p, q, grid)


def optimal(*arguments):
    return lambda: densities.optimal_discriminator(*arguments)


@pytest.mark.parametrize(("call", "error", "says"), [
    (divergence(GOOD, GOOD / 2), ValueError, r"p_g integrates to 0\.500 on this grid, not to 1\. Make the grid wider"),
    (divergence(torch.stack([GOOD, 1.5 * GOOD]), GOOD), ValueError, r"p_data integrates to 1\.500"),
    (divergence(GOOD, 0.975 * GOOD), ValueError, r"p_g integrates to 0\.975"),
    (divergence(GOOD, GOOD, WIDE[:-1]), ValueError, r"p_data has shape \(2401,\), the grid 2400 points"),
    (divergence(GOOD, GOOD[:-1]), ValueError, r"p_g has shape \(2400,\), the grid 2401 points"),
    (divergence(MANY[:2], MANY), ValueError, "p_data holds 2 runs and p_g 3"),
    (optimal(GOOD, GOOD[:-1]), ValueError, r"p_data has shape \(2401,\), p_g \(2400,\). Use one grid"),
    (optimal(MANY[:2], MANY), ValueError, "same number of runs"),
    (optimal(GOOD, GOOD, 0), ValueError, "real_label must be above 0"),
    (optimal(GOOD, GOOD, -1.0), ValueError, "real_label must be above 0"),
    (optimal(GOOD, GOOD, 1.5), ValueError, "real_label must be at most 1, got 1.5"),
    (optimal(GOOD, GOOD, math.nan), ValueError, "real_label must be"),
    (optimal(GOOD, GOOD, "one"), TypeError, "real_label must be a number"),
    (lambda: densities.generated(nn.Linear(1, 2), WIDE), ValueError,
     r"turn each noise value into one finite number; from 4001 of them it made shape \(4001, 2\)"),
    (lambda: densities.generated(linear(math.nan, 0.0), WIDE), ValueError, "finite: False"),
    (lambda: densities.generated(linear(0.0, math.inf), WIDE), ValueError, "finite: False"),
    (lambda: densities.generated(nn.Linear(2, 1), WIDE), ValueError, r"generator cannot take noise of shape \(4001, 1"),
])  # fmt: skip
def test_what_does_not_fit_is_refused_in_words(call, error, says):
    with pytest.raises(error, match=says):
        call()
