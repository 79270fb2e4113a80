"""Exercise 2: batch norm by hand."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from tests.exercises.bank_mnist_deeper import right, wrong

NAME = "batch_norm"
EPS = 1e-5


def answer(out=None, evaluated=None, mean=None, var=None, also=False):
    """The right answer with parts replaced: the output in training or evaluation, the estimates after training.

    out, evaluated: functions of (x, w, b, m, v), m and v those to use. mean, var: functions of (x, old).
    also: whether the estimates move in evaluation, too.
    """
    def plain(x, w, b, m, v):
        return (x - m) / (v + EPS).sqrt() * w + b

    def batch_norm(x, weight, bias, running_mean, running_var, training):
        m, v = (x.mean(0), x.var(0, correction=0)) if training else (running_mean, running_var)
        result = ((out if training else evaluated) or plain)(x, weight, bias, m, v)
        if training or also:
            new_mean = mean(x, running_mean) if mean else 0.9 * running_mean + 0.1 * x.mean(0)
            running_var = var(x, running_var) if var else 0.9 * running_var + 0.1 * x.var(0)
            running_mean = new_mean
        return result, running_mean, running_var

    return batch_norm


@right(NAME)
def in_place(x, weight, bias, running_mean, running_var, training):
    if training:
        m, n = x.mean(0), len(x)
        v = (x - m).square().sum(0) / n
        running_mean.mul_(0.9).add_(0.1 * m)
        running_var.lerp_(v * n / (n - 1), 0.1)
    else:
        m, v = running_mean, running_var
    x -= m
    x *= weight * (v + 1e-5).rsqrt()
    x += bias
    return x, running_mean, running_var


@right(NAME)
def with_numpy(x, weight, bias, running_mean, running_var, training):
    x, weight, bias, m, v = (part.numpy() for part in (x, weight, bias, running_mean, running_var))
    if not training:
        return [(x - m) / np.sqrt(v + 1e-5) * weight + bias, m, v]
    out = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5) * weight + bias
    return [out, m + 0.1 * (x.mean(0) - m), v + 0.1 * (x.var(0, ddof=1) - v)]


def swapped(x, weight, bias, running_mean, running_var, training):
    out, mean, var = answer()(x, weight, bias, running_mean, running_var, training)
    return out, var, mean


def layer(x, weight, bias, running_mean, running_var, training):
    norm = nn.BatchNorm1d(4).double()
    norm.load_state_dict({"weight": weight, "bias": bias, "running_mean": running_mean, "running_var": running_var},
                         strict=False)
    out = norm.train(training)(x)
    return out, norm.running_mean, norm.running_var


def ready(x, weight, bias, running_mean, running_var, training):
    out = functional.batch_norm(x, running_mean, running_var, weight, bias, training)
    return out, running_mean, running_var


def torchs(x, weight, bias, running_mean, running_var, training):
    out = torch.batch_norm(x, weight, bias, running_mean, running_var, training, 0.1, 1e-5, False)
    return out, running_mean, running_var


def always_running(x, weight, bias, running_mean, running_var, training):
    return answer(out=lambda x, w, b, m, v: (x - running_mean) / (running_var + EPS).sqrt() * w + b)(
        x, weight, bias, running_mean, running_var, training)


def new_running(x, weight, bias, running_mean, running_var, training):
    if training:
        running_mean = 0.9 * running_mean + 0.1 * x.mean(0)
        running_var = 0.9 * running_var + 0.1 * x.var(0)
    return (x - running_mean) / (running_var + EPS).sqrt() * weight + bias, running_mean, running_var


ANSWERS = {
    answer(out=lambda x, w, b, m, v: (x - m) / (v + 0.8).sqrt() * w + b): "has 0.8 for eps",
    answer(out=lambda x, w, b, m, v: (x - m) / (v + 1e-3).sqrt() * w + b): "has Keras's eps",
    answer(mean=lambda x, old: 0.2 * old + 0.8 * x.mean(0)): "running_mean moves by a momentum of 0.8",
    answer(var=lambda x, old: 0.8 * old + 0.2 * x.var(0)): "running_var moves by a momentum of 0.8, or by Keras's",
    always_running: "in training the output uses the running estimates",
    new_running: "uses the new running estimates",
    answer(evaluated=lambda x, w, b, m, v: (x - x.mean(0)) / (x.var(0, correction=0) + EPS).sqrt() * w + b):
        "in evaluation the output uses the batch",
    answer(evaluated=lambda x, w, b, m, v: (x - x.mean(0)) / (x.var(0) + EPS).sqrt() * w + b):
        "in evaluation the output uses the batch",
    answer(evaluated=lambda x, w, b, m, v: x): "in evaluation the output is x itself",
    answer(evaluated=lambda x, w, b, m, v: (x - m) / v.sqrt() * w + b): "in evaluation the output lacks eps",
    answer(out=lambda x, w, b, m, v: (x - m) / (x.var(0) + EPS).sqrt() * w + b): "divides by n - 1 in the variance",
    answer(out=lambda x, w, b, m, v: (x - m) / v.sqrt() * w + b): "in training the output lacks eps",
    answer(out=lambda x, w, b, m, v: (x - m) / (v.sqrt() + EPS) * w + b): "adds eps to the standard deviation",
    answer(out=lambda x, w, b, m, v: (x - m) / (v + 0.1).sqrt() * w + b): "takes the momentum for eps",
    answer(out=lambda x, w, b, m, v: (x - m) / (v + EPS) * w + b): "divides by the variance",
    answer(out=lambda x, w, b, m, v: (x - m) * w + b): "is not divided by the standard deviation",
    answer(out=lambda x, w, b, m, v: (x - m) / (v + EPS).sqrt()): "lacks weight and bias",
    answer(out=lambda x, w, b, m, v: (x - m) / (v + EPS).sqrt() * w): "lacks the bias",
    answer(out=lambda x, w, b, m, v: (x - m) / (v + EPS).sqrt() + b): "lacks the weight",
    answer(out=lambda x, w, b, m, v: (x - m) / (v + EPS).sqrt() * b + w): "has weight and bias swapped",
    answer(out=lambda x, w, b, m, v: ((x - m) / (v + EPS).sqrt() + b) * w): "is shifted, then scaled",
    answer(out=lambda x, w, b, m, v: x / (v + EPS).sqrt() * w + b): "does not take the mean away",
    answer(out=lambda x, w, b, m, v: (x + m) / (v + EPS).sqrt() * w + b): "adds the mean",
    answer(out=lambda x, w, b, m, v: (x - x.mean(1, keepdim=True)) / (x.var(1, correction=0, keepdim=True) + EPS).sqrt()
           * w + b): "is normalised along each row",
    answer(out=lambda x, w, b, m, v: (x - x.mean()) / (x.var(correction=0) + EPS).sqrt() * w + b): "for all units",
    answer(out=lambda x, w, b, m, v: x): "in training the output is x itself",
    answer(out=lambda x, w, b, m, v: (x - m) / (v + EPS).sqrt() * w + 2 * b): "where yours is",
    answer(out=lambda x, w, b, m, v: x * torch.nan): "where yours is nan",
    answer(mean=lambda x, old: old): "running_mean did not move",
    answer(mean=lambda x, old: x.mean(0)): "running_mean became that of the batch",
    answer(mean=lambda x, old: 0.1 * old + 0.9 * x.mean(0)): "running_mean goes nine tenths of the way",
    answer(mean=lambda x, old: old + 0.1 * x.mean(0)): "running_mean grows",
    answer(mean=lambda x, old: 0.81 * old + 0.19 * x.mean(0)): "running_mean moved twice",
    answer(mean=lambda x, old: x.sum(0)): "in training the output is right. running_mean should be",
    answer(var=lambda x, old: old): "running_var did not move",
    answer(var=lambda x, old: 0.9 * old + 0.1 * x.var(0, correction=0)): "takes the variance divided by n",
    answer(var=lambda x, old: 0.9 * old + 0.1 * x.std(0)): "towards the standard deviation",
    answer(var=lambda x, old: 0.1 * old + 0.9 * x.var(0)): "PyTorch's momentum 0.1 is the share of the new",
    answer(var=lambda x, old: 0.1 * old + 0.9 * x.var(0, correction=0)): "nine tenths of the way, and divides by n",
    answer(var=lambda x, old: x.var(0, correction=0)): "running_var became that of the batch",
    answer(var=lambda x, old: (old + x.var(0)) / 2): "goes half of the way",
    answer(var=lambda x, old: 0.9 * old - 0.1 * x.var(0)): "has a sign turned",
    swapped: "in training the output is right. The running estimates are swapped",
    answer(also=True): "running_mean moves in evaluation",
    answer(also=True, mean=lambda x, old: 0.9 * old + 0.1 * x.mean(0) if x.shape else old): "moves in evaluation",
    answer(out=lambda x, w, b, m, v: x.T): "the output keeps the shape of x, (12, 4). Yours is (4, 12)",
    answer(mean=lambda x, old: old.mean()): "running_mean has one number for each of 4 units, shape (4,), yours ()",
    answer(var=lambda x, old: x.var(1)): "running_var has one number for each of 4 units, shape (4,), yours (12,)",
    lambda x, w, b, m, v, training: (x - m) / (v + EPS).sqrt() * w + b: "return three tensors",
    lambda x, w, b, m, v, training: (x, m): "return three tensors",
    lambda x, w, b, m, v, training: (x, "m", "v"): "return three tensors: (output, running_mean, running_var), not 'm'",
    lambda x, w, b, m, v: (x, m, v): "stopped with TypeError",
    layer: "calls _BatchNorm.forward",
    ready: "calls batch_norm, and that is the whole answer",
    torchs: "calls ",
}
for function, says in ANSWERS.items():
    wrong(NAME, says)(function)
