"""Answers to the exercises of chapter 3 as learners write them, each with a piece of the message meant for it."""

from tests.checks.common import new_bank

CHECKS = ("moments", "perfect_generator", "spikes", "standard_units", "normal_generator", "wasserstein")
RIGHT, WRONG, right, wrong = new_bank(CHECKS)

from tests.checks.bank_gaussian import distances, four_moments, layers, quantiles, spikes, units  # noqa: E402, F401
