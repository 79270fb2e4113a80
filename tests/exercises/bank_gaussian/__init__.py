"""Answers to the exercises of chapter 3 as learners write them, each with a piece of the message meant for it."""

from tests.exercises.bank import new_bank

CHECKS = ("moments", "perfect_generator", "spikes", "standard_units", "normal_generator", "wasserstein")
RIGHT, WRONG, right, wrong = new_bank(CHECKS)

from tests.exercises.bank_gaussian import distances, four_moments, layers, quantiles, spikes, units  # noqa: E402, F401
