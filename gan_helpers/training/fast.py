"""Faster versions of two functions, with derivatives written by hand, for stacked networks only.

The formulas that a reader wants are `torch.tanh` and `layers.batch_moments`; the tests hold these against them, with
their derivatives and, for tanh, second derivatives. Together they save up to half of the time of a round in which the
tanh/sigmoid recipe of chapter 3 trains a hundred GANs.
"""

import torch


class Tanh(torch.autograd.Function):
    """tanh(x) = 2 sigmoid(2x) - 1, up to rounding (2e-7 in float32); derivative 1 - y^2, differentiable once more.

    PyTorch's sigmoid takes a fraction of the time of its tanh on a CPU, a tenth on some.
    """

    @staticmethod
    def forward(ctx, x):
        y = (2 * x).sigmoid_().mul_(2).sub_(1)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad):
        (y,) = ctx.saved_tensors
        return torch.ops.aten.tanh_backward(grad, y)  # grad * (1 - y^2) in one pass


class BatchMoments(torch.autograd.Function):
    """`layers.batch_moments` with a third of the passes over the batch that autograd takes. (..., n, 1) to (..., 1, 4).

    With z = (x - mean) / std, the derivative of the mean along x_i is 1 / n, of std z_i / n, of the skewness s
    3 (z_i^2 - s z_i - 1) / (n std), of the kurtosis k 4 (z_i^3 - (k + 3) z_i - s) / (n std): together a cubic in z_i.
    """

    @staticmethod
    def forward(ctx, x):
        mean = x.mean(-2, keepdim=True)
        d = x - mean
        square = d * d
        variance = square.mean(-2, keepdim=True)
        std = variance.sqrt()
        skewness = (square * d).mean(-2, keepdim=True) / (variance * std)
        kurtosis = (square * square).mean(-2, keepdim=True) / (variance * variance) - 3
        moments = torch.cat([mean, std, skewness, kurtosis], -1)
        ctx.save_for_backward(x, moments)
        return moments

    @staticmethod
    def backward(ctx, grad):
        x, moments = ctx.saved_tensors
        mean, std, skewness, kurtosis = moments.split(1, -1)
        to_mean, to_std, to_skewness, to_kurtosis = (grad / x.shape[-2]).split(1, -1)
        z, square, cube = (x - mean) / std, 3 * to_skewness / std, 4 * to_kurtosis / std
        line = to_std - square * skewness - cube * (kurtosis + 3)
        return to_mean - square - cube * skewness + z * (line + z * (square + z * cube))


def batch_moments(batch: torch.Tensor) -> torch.Tensor:
    """`layers.batch_moments`, faster."""
    return BatchMoments.apply(batch)


def tanh(x: torch.Tensor) -> torch.Tensor:
    """`torch.tanh`, faster on a CPU."""
    return Tanh.apply(x)
