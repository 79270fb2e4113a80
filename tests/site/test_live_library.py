"""The live demos' library: networks, losses and optimizers against PyTorch, densities and distances against scipy."""

import json
import shutil
import subprocess

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.integrate import trapezoid
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr
from torch import nn
from torch.nn.functional import softplus

from tests.site.conftest import ROOT

LIVE = ROOT / "book" / "_static" / "live"
TOLERANCE = dict(rtol=1e-5, atol=1e-7)


@pytest.fixture(scope="module")
def node():
    """A function that runs JavaScript with the library and `data`, and returns what the script returns."""
    if shutil.which("node") is None:
        pytest.skip("no node on this machine: install Node.js to test the live demos' library")

    def run(script: str, data=None):
        program = (f"const Live = require({json.dumps(str(LIVE / 'nn.js'))});"
                   f"require({json.dumps(str(LIVE / 'densities.js'))});"
                   "const data = JSON.parse(require('fs').readFileSync(0));"
                   # arrays of numbers travel as lists, NaN as null
                   "const plain = (_, x) => (ArrayBuffer.isView(x) ? Array.from(x) : x);"
                   f"console.log(JSON.stringify((() => {{ {script} }})(), plain));")
        options = dict(capture_output=True, text=True, timeout=60)
        done = subprocess.run(["node", "-e", program], input=json.dumps(data), **options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


# --- networks ---

LAYERS = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "relu": nn.ReLU, "leaky": lambda: nn.LeakyReLU(0.2), "elu": nn.ELU,
          "identity": nn.Identity}
NETWORKS = {
    "linear": ([7, 1], ["identity"]),
    "bits": ([7, 7], ["sigmoid"]),
    "tanh": ([1, 16, 16, 1], ["tanh", "tanh", "identity"]),
    "leaky": ([7, 32, 32, 1], ["leaky", "leaky", "identity"]),
    "one hidden layer": ([2, 9, 1], ["elu", "identity"]),
    "mixed": ([3, 5, 6, 7, 1], ["elu", "sigmoid", "relu", "identity"]),
    "ends curved": ([2, 8, 1], ["tanh", "sigmoid"]),
}
every_network = pytest.mark.parametrize("name", NETWORKS)


def torch_network(sizes, activations, seed=0):
    torch.manual_seed(seed)
    layers = [layer for ins, outs, name in zip(sizes, sizes[1:], activations, strict=False)
              for layer in (nn.Linear(ins, outs), LAYERS[name]())]
    return nn.Sequential(*layers).double()


def flat(network, what=lambda p: p):
    return torch.cat([what(p).flatten() for p in network.parameters()]).tolist()


def gradients(network):
    return flat(network, lambda p: torch.zeros_like(p) if p.grad is None else p.grad)


def samples(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


BUILD = "const net = Live.mlp(data.sizes, data.activations); net.weights.set(data.weights);"


@every_network
@pytest.mark.parametrize("batch", [1, 4, 11])
def test_forward_and_backward(node, name, batch):
    sizes, activations = NETWORKS[name]
    network, x, pull = torch_network(sizes, activations), samples(batch, sizes[0]), samples(batch, sizes[-1], seed=2)
    x.requires_grad_()
    y = network(x)
    (y * pull).sum().backward()
    out = node(BUILD + """
        const y = Array.from(net.forward(data.x, data.n).subarray(0, data.pull.length));
        const dx = net.backward(data.pull, data.n, { inputs: true });
        return { y, dx: Array.from(dx.subarray(0, data.x.length)), gradient: net.gradient };
    """, dict(sizes=sizes, activations=activations, weights=flat(network), n=batch, x=x.flatten().tolist(),
              pull=pull.flatten().tolist()))
    np.testing.assert_allclose(out["y"], y.detach().flatten(), **TOLERANCE)
    np.testing.assert_allclose(out["dx"], x.grad.flatten(), **TOLERANCE)
    np.testing.assert_allclose(out["gradient"], gradients(network), **TOLERANCE)


def test_backward_through_the_last_samples_only(node):
    sizes, activations = NETWORKS["tanh"]
    network, x = torch_network(sizes, activations), samples(11, 1)
    network(x)[5:].sum().backward()
    out = node(BUILD + """
        net.forward(data.x, 11);
        net.backward(new Array(6).fill(1), 6, { from: 5 });
        return net.gradient;
    """, dict(sizes=sizes, activations=activations, weights=flat(network), x=x.flatten().tolist()))
    np.testing.assert_allclose(out, gradients(network), **TOLERANCE)


@pytest.mark.parametrize("name", [name for name in NETWORKS if NETWORKS[name][0][-1] == 1])
@pytest.mark.parametrize("kind", ["R1", "GRADIENT_PENALTY"])
def test_penalties_to_second_order(node, name, kind):
    sizes, activations = NETWORKS[name]
    network, x = torch_network(sizes, activations), samples(10, sizes[0])
    x.requires_grad_()

    def slopes():
        return torch.autograd.grad(network(x).sum(), x, create_graph=True)[0].square().sum(-1).sqrt()

    while slopes().max() < 1.5:  # the one-sided penalty asks for slopes above 1
        with torch.no_grad():
            for layer in network[::2]:
                layer.weight.mul_(1.2)
    length = slopes()
    if kind == "R1":
        penalty = 0.7 * length.square().mean() / 2
    else:
        penalty = 0.7 * (length - 1).clamp(min=0).square().mean()
    penalty.backward()
    out = node(BUILD + f"""
        net.forward(data.x, 10);
        const value = net.penalize(Live.{kind}, 0.7, 10);
        return {{ value, gradient: net.gradient }};
    """, dict(sizes=sizes, activations=activations, weights=flat(network), x=x.flatten().tolist()))
    assert penalty.item() > 0, "the case is empty"
    assert out["value"] == pytest.approx(penalty.item(), rel=1e-5)
    np.testing.assert_allclose(out["gradient"], gradients(network), **TOLERANCE)


def test_a_large_batch_leaves_nothing_behind(node):
    """A small batch after a large one: the same gradients as of a network that has seen nothing else."""
    sizes, activations = NETWORKS["tanh"]
    used, new = node(BUILD + """
        const other = Live.mlp(data.sizes, data.activations);
        other.weights.set(data.weights);
        const gradient = (net, n) => {
          net.gradient.fill(0);
          net.forward(data.x, n);
          net.backward(new Array(n).fill(1), n);
          net.penalize(Live.R1, 1, n);
          return Array.from(net.gradient);
        };
        gradient(net, 11);
        return [gradient(net, 5), gradient(other, 5)];
    """, dict(sizes=sizes, activations=activations, weights=flat(torch_network(sizes, activations)),
              x=samples(11, 1).flatten().tolist()))
    np.testing.assert_allclose(used, new, rtol=1e-12)


# --- losses ---

LOSSES = {
    "nonSaturating": lambda fake: softplus(-fake).mean(),
    "minimax": lambda fake: torch.log1p(-torch.sigmoid(fake)).mean(),
    "criticGenerator": lambda fake: -fake.mean(),
    "discriminator": lambda both: nn.BCEWithLogitsLoss(reduction="sum")(
        both, (torch.arange(len(both)) < len(both) // 2).double()) / (len(both) // 2),
    "critic": lambda both: both[len(both) // 2:].mean() - both[:len(both) // 2].mean(),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_and_their_slopes(node, name):
    logits = (5 * samples(12)).requires_grad_()
    loss = LOSSES[name](logits)
    loss.backward()
    n = 6 if name in ("discriminator", "critic") else 12
    out = node(f"""
        const slopes = new Float64Array(12);
        return {{ loss: Live.losses.{name}(Float64Array.from(data), {n}, slopes), slopes }};
    """, logits.tolist())
    assert out["loss"] == pytest.approx(loss.item(), rel=1e-5)
    np.testing.assert_allclose(out["slopes"], logits.grad, **TOLERANCE)


def test_losses_stay_finite_for_a_sure_discriminator(node):
    """At a logit of -800 the probability is 0 in any float, and the logit still has a slope."""
    loss, slope = node("""
        const slopes = new Float64Array(1);
        return [Live.losses.nonSaturating([-800], 1, slopes), slopes[0]];
    """)
    assert (loss, slope) == (800, -1)


# --- optimizers, and whole steps of a GAN ---

OPTIMIZERS = {
    "Adam": (lambda p: torch.optim.Adam(p, lr=0.01), "Live.adam(net, { lr: 0.01 })"),
    "Adam without momentum": (lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.0, 0.99)),
                              "Live.adam(net, { lr: 0.1, betas: [0, 0.99] })"),
    "gradient descent": (lambda p: torch.optim.SGD(p, lr=0.1), "Live.sgd(net, { lr: 0.1 })"),
    "momentum": (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), "Live.sgd(net, { lr: 0.1, momentum: 0.9 })"),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_with_a_falling_rate(node, name):
    build, script = OPTIMIZERS[name]
    sizes, activations = NETWORKS["tanh"]
    network, x = torch_network(sizes, activations), samples(8, 1)
    start, optimizer = flat(network), None
    optimizer = build(network.parameters())
    first = optimizer.param_groups[0]["lr"]
    for i in range(7):
        optimizer.param_groups[0]["lr"] = first * (1 - i / 7)
        optimizer.zero_grad()
        network(x).square().mean().backward()
        optimizer.step()
    out = node(BUILD + f"""
        const optimizer = {script}, first = optimizer.lr;
        for (let i = 0; i < 7; i++) {{
          const y = net.forward(data.x, 8);
          net.backward(Array.from(y.subarray(0, 8), (value) => value / 4), 8);
          optimizer.lr = first * (1 - i / 7);
          optimizer.step();
        }}
        return net.weights;
    """, dict(sizes=sizes, activations=activations, weights=start, x=x.flatten().tolist()))
    assert max(abs(np.subtract(out, start))) > 0.01, "the optimizer did not move"
    np.testing.assert_allclose(out, flat(network), **TOLERANCE)


def bce_step(D, real, fake):
    return softplus(-D(real)).mean() + softplus(D(fake)).mean()


def wasserstein_step(D, real, fake):
    return D(fake).mean() - D(real).mean()


def r1(D, real, fake):
    x = real.clone().requires_grad_()
    (slope,) = torch.autograd.grad(D(x).sum(), x, create_graph=True)
    return slope.square().sum(-1).mean() / 2


def between(D, real, fake):
    share = ((torch.arange(len(real)) + 0.5) / len(real)).unsqueeze(-1)
    x = (share * real + (1 - share) * fake).detach().requires_grad_()
    (slope,) = torch.autograd.grad(D(x).sum(), x, create_graph=True)
    return (slope.square().sum(-1).sqrt() - 1).clamp(min=0).square().mean()


GANS = {  # what Live.gan is given; D's loss; its penalty; G's loss
    "plain": ("lr: 0.02", bce_step, None, "nonSaturating"),
    "minimax": ("lr: 0.02, loss: 'minimax'", bce_step, None, "minimax"),
    "penalty": ("lr: 0.02, r1: 0.3", bce_step, (0.3, r1), "nonSaturating"),
    "clipping": ("lr: 0.02, loss: 'wasserstein', clip: 0.1", wasserstein_step, None, "criticGenerator"),
    "slope": ("lr: 0.02, loss: 'wasserstein', gp: 10", wasserstein_step, (10, between), "criticGenerator"),
}


@pytest.mark.parametrize("at_once", [True, False], ids=["both at once", "in turns"])
@pytest.mark.parametrize("name", GANS)
def test_steps_of_a_gan(node, name, at_once):
    """Five steps of both players, from the same weights, numbers and noise: the same weights at the end."""
    script, d_loss, penalty, g_loss = GANS[name]
    shapes = ([2, 8, 3], ["tanh", "identity"]), ([3, 9, 8, 1], ["tanh", "leaky", "identity"])
    G, D = torch_network(*shapes[0], seed=0), torch_network(*shapes[1], seed=1)
    start = flat(G), flat(D)
    real, d_noise, g_noise = samples(5, 6, 3) + 1, samples(5, 6, 2, seed=2), samples(5, 6, 2, seed=3)
    optimizers = {net: torch.optim.Adam(net.parameters(), lr=0.02) for net in (G, D)}

    def move(net, loss):
        for p, g in zip(net.parameters(), torch.autograd.grad(loss, list(net.parameters())), strict=True):
            p.grad = g
        optimizers[net].step()

    def d_objective(i):
        fake = G(d_noise[i]).detach()
        loss = d_loss(D, real[i], fake)
        return loss + (penalty[0] * penalty[1](D, real[i], fake) if penalty else 0)

    for i in range(5):
        if at_once:
            d, g = d_objective(i), LOSSES[g_loss](D(G(d_noise[i])))
            g_grad = torch.autograd.grad(g, list(G.parameters()), retain_graph=True)
            move(D, d)
            for p, gradient in zip(G.parameters(), g_grad, strict=True):
                p.grad = gradient
            optimizers[G].step()
        else:
            move(D, d_objective(i))
        if "clip" in script:
            with torch.no_grad():
                for p in D.parameters():
                    p.clamp_(-0.1, 0.1)
        if not at_once:
            move(G, LOSSES[g_loss](D(G(g_noise[i]))))
    out = node(f"""
        const [G, D] = data.shapes.map((shape) => Live.mlp(...shape));
        G.weights.set(data.G);
        D.weights.set(data.D);
        const gan = Live.gan({{ G, D, {script} }});
        data.real.forEach((real, i) => {{
          const [x, z, again] = [real, data.d_noise[i], data.g_noise[i]].map((list) => Float64Array.from(list));
          if (data.at_once) gan.both(x, z);
          else {{
            gan.stepD(x, z);
            gan.stepG(again);
          }}
        }});
        return {{ G: G.weights, D: D.weights }};
    """, dict(shapes=shapes, G=start[0], D=start[1], at_once=at_once, real=real.flatten(1).tolist(),
              d_noise=d_noise.flatten(1).tolist(), g_noise=g_noise.flatten(1).tolist()))
    for before, network, weights in zip(start, (G, D), (out["G"], out["D"]), strict=True):
        assert max(abs(np.subtract(weights, before))) > 0.01, "a player did not move"
        np.testing.assert_allclose(weights, flat(network), **TOLERANCE)


# --- random numbers ---


def test_random_numbers(node):
    out = node("""
        const draws = (seed) => ({
          uniform: Live.random(seed).uniform(20000), normal: Live.random(seed).normal(20001),
          bits: Live.random(seed).bits(20000),
          integers: Array.from({ length: 20000 }, ((random) => () => random.integer(64))(Live.random(seed))),
        });
        return [draws(0), draws(0), draws(1)];
    """)
    same, again, other = out
    assert same == again
    for name, distribution in (("uniform", stats.uniform), ("normal", stats.norm)):
        for draws in (same[name], other[name]):
            assert stats.kstest(draws, distribution.cdf).pvalue > 0.001
            assert abs(stats.pearsonr(draws[1:], draws[:-1]).statistic) < 0.03, "neighbors hang together"
        assert abs(stats.pearsonr(same[name], other[name]).statistic) < 0.03, "two seeds hang together"
    assert stats.chisquare(np.bincount(same["integers"], minlength=64)).pvalue > 0.001
    assert stats.binomtest(sum(same["bits"]), 20000).pvalue > 0.001


def test_first_draws_of_neighboring_seeds(node):
    """A demo draws first weights from seeds 0, 1, 2 ...: across seeds these must look random, too."""
    firsts = node("return Array.from({ length: 2000 }, (_, seed) => Array.from(Live.random(seed).uniform(3)));")
    for column in np.transpose(firsts):
        assert stats.kstest(column, stats.uniform.cdf).pvalue > 0.001
        assert abs(stats.pearsonr(column[1:], column[:-1]).statistic) < 0.07


def test_first_weights(node):
    """As nn.Linear's: weights and biases uniform within 1 / sqrt(inputs)."""
    weights = np.array(node("return Live.mlp([25, 400, 1], ['tanh', 'identity'], Live.random(0)).weights;"))
    first, second = weights[:26 * 400], weights[26 * 400:]
    for part, bound in ((first, 1 / 5), (second, 1 / 20)):
        assert stats.kstest(part, stats.uniform(-bound, 2 * bound).cdf).pvalue > 0.001


# --- densities and distances ---


def test_normal_distribution(node):
    x, u = np.linspace(-9, 9, 181), np.concatenate([10.0 ** -np.arange(2, 15), np.linspace(0.01, 0.999, 60)])
    out = node("return [data.x.map(Live.normalPdf), data.x.map(Live.normalCdf), data.u.map(Live.normalQuantile)];",
               dict(x=x.tolist(), u=u.tolist()))
    for values, wanted in zip(out, (stats.norm.pdf(x), stats.norm.cdf(x), stats.norm.ppf(u)), strict=True):
        np.testing.assert_allclose(values, wanted, rtol=1e-8, atol=1e-12)


PUSHED = {  # G in JavaScript; the noise; the exact cumulative curve of what it makes
    "line": ("2 * z + 1", "normalNoise", stats.norm(1, 2).cdf),
    "falling line": ("1 - 0.5 * z", "normalNoise", stats.norm(1, 0.5).cdf),
    "folded": ("Math.abs(z)", "normalNoise", stats.halfnorm.cdf),
    "square": ("z * z", "normalNoise", stats.chi2(1).cdf),
    "exponential": ("Math.exp(z)", "normalNoise", stats.lognorm(1).cdf),
    "wave": ("Math.sin(2 * Math.PI * z)", "uniformNoise", stats.arcsine(-1, 2).cdf),
}


@pytest.mark.parametrize("name", PUSHED)
def test_push_forward(node, name):
    script, noise, cdf = PUSHED[name]
    out = node(f"""
        const grid = Live.grid(-3, 5, 200), noise = Live.{noise}(2000);
        const p = Live.pushForward(Array.from(noise.ends, (z) => {script}), noise.mass, grid);
        return {{ p, F: Live.cumulative(p, grid), edges: grid.edges }};
    """)
    edges = np.array(out["edges"])
    np.testing.assert_allclose(out["F"], cdf(edges), atol=2e-3)
    mean = np.diff(cdf(edges)) / np.diff(edges)
    bulk = mean < 3  # beside a pole of the density a cell's mean hangs on how fine the noise is cut
    np.testing.assert_allclose(np.array(out["p"])[bulk], mean[bulk], atol=0.01)


def test_a_flat_generator_is_one_spike(node):
    out = node("""
        const grid = Live.grid(0, 1, 10), noise = Live.uniformNoise(50);
        return Live.pushForward(new Array(51).fill(0.55), noise.mass, grid);
    """)
    np.testing.assert_allclose(out, np.eye(10)[5] * 10, atol=1e-9)


def test_mass_outside_the_grid_is_counted(node):
    below, total = node("""
        const grid = Live.grid(0, 1, 10), noise = Live.uniformNoise(50);
        const p = Live.pushForward(Array.from(noise.ends, (z) => 4 * z - 1), noise.mass, grid);
        return [p.below, Live.cumulative(p, grid)[10]];
    """)
    assert (below, total) == pytest.approx((0.25, 0.5))


GRID = np.linspace(-6, 12, 601)
MIDDLES = (GRID[1:] + GRID[:-1]) / 2
PAIRS = {
    "shifted": (stats.norm(4, 1.25), stats.norm(3, 1.25)),
    "wider": (stats.norm(4, 1.25), stats.norm(4, 2)),
    "far": (stats.norm(8, 0.4), stats.norm(-2, 0.4)),
    "box and bell": (stats.uniform(2, 4), stats.norm(4, 1.25)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_distances(node, name):
    p, q = PAIRS[name]
    F, Q = p.cdf(GRID), q.cdf(GRID)
    densities = [np.diff(curve) / np.diff(GRID) / (curve[-1] - curve[0]) for curve in (F, Q)]
    out = node("""
        const grid = Live.grid(-6, 12, 600), [p, q] = data;
        const [F, Q] = [p, q].map((density) => Live.cumulative(density, grid, 0));
        const area = Live.wasserstein(F, Q, grid);
        return { ks: Live.ks(F, Q), area, jsd: Live.jsd(p, q, grid), best: Live.optimalD(p, q) };
    """, [density.tolist() for density in densities])
    fine = np.linspace(-6, 12, 200_001)
    assert out["ks"] == pytest.approx(np.abs(p.cdf(fine) - q.cdf(fine)).max(), abs=1e-3)
    assert out["area"] == pytest.approx(trapezoid(np.abs(p.cdf(fine) - q.cdf(fine)), fine), rel=1e-3)
    assert out["area"] == pytest.approx(
        stats.wasserstein_distance(MIDDLES, MIDDLES, densities[0], densities[1]), rel=1e-3)
    assert out["jsd"] == pytest.approx(jensenshannon(*densities) ** 2, rel=1e-5)
    middle = (densities[0] + densities[1]) / 2
    assert out["jsd"] == pytest.approx(
        (rel_entr(densities[0], middle) + rel_entr(densities[1], middle)).sum() / 2 * 0.03, rel=1e-5)
    seen = middle > 0
    wanted = densities[0][seen] / (2 * middle[seen])
    np.testing.assert_allclose(np.array(out["best"], dtype=float)[seen], wanted, **TOLERANCE)


def test_mean_gap_is_the_wasserstein_distance_of_samples(node):
    a, b = samples(300).tolist(), (2 * samples(300, seed=2) + 1).tolist()
    assert node("return Live.meanGap(...data);", [a, b]) == pytest.approx(stats.wasserstein_distance(a, b), rel=1e-6)


@pytest.mark.parametrize("name", ["normal", "box and gap"])
def test_quantiles(node, name):
    density = stats.norm(4, 1.25).pdf(MIDDLES) if name == "normal" else (np.abs(MIDDLES - 3) > 2.001) * 1.0
    density = density / density.sum() / 0.03
    u = np.linspace(0.003, 0.997, 143)
    F = np.concatenate([[0], np.cumsum(density * 0.03)])
    out = node("""
        const grid = Live.grid(-6, 12, 600), F = Live.cumulative(data.density, grid, 0);
        return { F, x: data.u.map((share) => Live.quantile(F, grid, share)) };
    """, dict(density=density.tolist(), u=u.tolist()))
    np.testing.assert_allclose(out["F"], F, **TOLERANCE)
    np.testing.assert_allclose(np.interp(out["x"], GRID, F), u, atol=1e-6)
    if name == "normal":
        np.testing.assert_allclose(out["x"], stats.norm(4, 1.25).ppf(u), atol=2e-3)
