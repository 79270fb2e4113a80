"""Exercise 5: the straight and the spherical way between two noises."""

import math

import numpy as np
import torch

from tests.exercises.bank_mnist_deeper import right, wrong

NAME = "between"


def line(a, b, t):
    return (1 - t) * a + t * b


def angle_of(a, b):
    return (a @ b / a.norm() / b.norm()).clamp(-1, 1).acos()


def arc(a, b, t):
    angle = angle_of(a, b)
    if angle < 1e-3:
        return line(a, b, t)
    return (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)


@right(NAME)
def with_numpy(a, b, t):
    a, b = a.double().numpy(), b.double().numpy()
    angle = np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1))
    straight = a + t * (b - a)
    if np.isclose(np.sin(angle), 0, atol=1e-4):
        return [straight, straight]
    return [straight, (np.sin(angle - t * angle) * a + np.sin(t * angle) * b) / np.sin(angle)]


@right(NAME)
def with_atan2(a, b, t):
    """Turns a towards b: an angle that is exact near 0, too."""
    along, other = a / a.norm(), b / b.norm()
    angle = 2 * torch.atan2((along - other).norm(), (along + other).norm())
    if angle < 1e-5:
        return torch.lerp(a, b, t), torch.lerp(a, b, t)
    return torch.lerp(a, b, t), (((1 - t) * angle).sin() * a + (t * angle).sin() * b) / angle.sin()


@right(NAME)
def stacked(a, b, t):
    return torch.stack([line(a, b, t), arc(a, b, t)])


def curved(function, near=line):
    """A spherical way of one's own; straight on where the noises are parallel."""
    return lambda a, b, t: (line(a, b, t), near(a, b, t) if angle_of(a, b) < 1e-3 else function(a, b, t))


def straight(function):
    return lambda a, b, t: (function(a, b, t), arc(a, b, t))


def no_clamp(a, b, t):
    angle = (a @ b / a.norm() / b.norm()).acos()
    return line(a, b, t), (((1 - t) * angle).sin() * a + (t * angle).sin() * b) / angle.sin()


def no_lengths(a, b, t):
    angle = (a @ b).acos()
    return line(a, b, t), (((1 - t) * angle).sin() * a + (t * angle).sin() * b) / angle.sin()


def without_lengths(a, b, t):
    angle = (a @ b).abs().clamp(-1, 1).acos()
    return line(a, b, t) if angle < 1e-3 else with_angle(lambda a, b: angle)(a, b, t)


def with_angle(change):
    def way(a, b, t):
        angle = change(a, b)
        return (((1 - t) * angle).sin() * a + (t * angle).sin() * b) / angle.sin()

    return way


def unit_sines(a, b, t):
    return arc(a / a.norm(), b / b.norm(), t)


def in_place(a, b, t):
    result = line(a, b, t), arc(a, b, t)
    a.mul_(1 - t).add_(t * b)
    return result


def swapped(a, b, t):
    return arc(a, b, t), line(a, b, t)


ANSWERS = {
    lambda a, b, t: (line(a, b, t), line(a, b, t) if angle_of(a, b) < 0.1 else arc(a, b, t)):
        "at an angle of 0.08 already",
    lambda a, b, t: (line(a, b, t), line(a, b, t)): "both are the straight way",
    lambda a, b, t: (line(a, b, t), without_lengths(a, b, t)): "Is the product divided by both lengths",
    swapped: "the two are swapped",
    straight(lambda a, b, t: line(b, a, t)): "the straight way runs backwards",
    straight(lambda a, b, t: a + t * b): "the start loses nothing on the straight way",
    straight(lambda a, b, t: t * a + t * b): "the start counts 1 - t, not t",
    straight(lambda a, b, t: t * (b - a)): "this is how far to go",
    straight(lambda a, b, t: a + b): "does not depend on t",
    straight(lambda a, b, t: (a + b) / 2): "the straight way is not at (1 - t) start + t end",
    straight(lambda a, b, t: 1 - t * a + t * b): "the straight way is not at",
    straight(arc): "the straight way is not at",
    straight(lambda a, b, t: torch.lerp(a, b, 1 - t)): "the straight way runs backwards",
    curved(lambda a, b, t: arc(b, a, t)): "the spherical way runs backwards",
    curved(lambda a, b, t: arc(a, b, t) * angle_of(a, b).sin()): "is not divided by the sine of the angle",
    curved(lambda a, b, t: line(a, b, t) / line(a, b, t).norm() * a.norm()): "at the wrong speed",
    curved(lambda a, b, t: line(a, b, t) / line(a, b, t).norm() * 10): "The spherical one has length 10,",
    curved(lambda a, b, t: arc(a, b, t) / a.norm()): "the lengths are lost",
    curved(unit_sines): "the lengths are lost",
    curved(lambda a, b, t: line(a, b, t) / line(a, b, t).norm() * line(a.norm(), b.norm(), t)): "another len",
    curved(lambda a, b, t: (t * angle_of(a, b)).cos() * a + (t * angle_of(a, b)).sin() * b): "for orthogonal noises",
    curved(lambda a, b, t: ((1 - t) * angle_of(a, b)).cos() * a + (t * angle_of(a, b)).cos() * b): "weigh with cosines",
    curved(lambda a, b, t: (t * math.pi / 2 * torch.ones(1)).cos() * a + math.sin(t * math.pi / 2) * b): "two noises",
    curved(lambda a, b, t: (1 - t) * angle_of(a, b).sin() * a + t * angle_of(a, b).sin() * b): "t belongs inside",
    curved(with_angle(lambda a, b: angle_of(a, b) / 2)): "your angle is half of it",
    curved(with_angle(lambda a, b: a @ b / a.norm() / b.norm())): "you take the cosine for the angle",
    curved(with_angle(lambda a, b: angle_of(a, b) * 180 / math.pi)): "The spherical one has length",
    curved(lambda a, b, t: math.sqrt(1 - t) * a + math.sqrt(t) * b): "its angle does not grow evenly",
    curved(lambda a, b, t: (a + b) / 2): "The spherical one has length",
    no_clamp: "the spherical way is NaN or infinite: sin of the angle is 0",
    no_lengths: "The arccosine is taken of the cosine of the angle: divide the product by both lengths",
    curved(arc, near=lambda a, b, t: a): "the two directions are one",
    curved(arc, near=lambda a, b, t: torch.zeros_like(a)): "Yours has length 0,",
    curved(arc, near=lambda a, b, t: a * torch.nan): "Clamp it, and go straight where the angle is tiny",
    in_place: "changes the noises it is given",
    lambda a, b, t: line(a, b, t): "return the pair (straight, spherical)",
    lambda a, b, t: arc(a, b, t): "return the pair (straight, spherical)",
    lambda a, b, t: (line(a, b, t).norm(), arc(a, b, t).norm()): "straight: a noise has shape (100,), yours is ()",
    lambda a, b, t: (line(a, b, t), arc(a, b, t)[:1]): "spherical: a noise has shape (100,), yours is (1,)",
    lambda a, b, t: ("a", "b"): "return the pair (straight, spherical), not 'a'",
    lambda a, b: (a, b): "stopped with TypeError",
    lambda a, b, t: (line(a, b, t), math.acos(a @ b)): "stopped with ValueError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
