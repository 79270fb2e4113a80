"""Answers to the exercises of chapter 7 as learners write them, each with a piece of the message meant for it."""

from tests.exercises.bank import new_bank

CHECKS = ("frechet", "precision_recall", "memoriser", "memorisation", "difference_interval", "extrapolate", "digit_mix")
RIGHT, WRONG, right, wrong = new_bank(CHECKS)

from tests.exercises.bank_measuring import (  # noqa: E402, F401
    balls,
    copies,
    distances,
    intervals,
    lines,
    mixes,
    ratios,
)
