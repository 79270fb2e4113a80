"""Answers to the exercises of chapter 2 as learners write them, each with a piece of the message meant for it."""

from tests.exercises.bank import new_bank

CHECKS = ("generated_density", "optimal_d", "unseen_fakes", "jensen_shannon", "generator_losses")
RIGHT, WRONG, right, wrong = new_bank(CHECKS)

from tests.exercises.bank_gray_pixel import change_of_variables, divergence, fakes, losses, optimal  # noqa: E402, F401
