"""Answers to the exercises of chapter 6 as learners write them, each with a piece of the message meant for it."""

from tests.exercises.bank import new_bank

CHECKS = ("to_grey", "batch_norm", "find_eps", "dropout", "between", "shares", "update_average")
RIGHT, WRONG, right, wrong = new_bank(CHECKS)

from tests.exercises.bank_mnist_deeper import averages, drops, levels, norms, past, slips, ways  # noqa: E402, F401
