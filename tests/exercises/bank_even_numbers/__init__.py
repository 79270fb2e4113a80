"""Answers to the exercises of chapter 1 as learners write them, each with a piece of the message meant for it."""

from tests.exercises.bank import new_bank

CHECKS = ("multiples_of_four", "discriminator_loss", "generator_step", "discriminator_step", "exact_table", "report",
          "two_numbers", "perfect_generator")  # fmt: skip
RIGHT, WRONG, right, wrong = new_bank(CHECKS)

from tests.exercises.bank_even_numbers import by_hand, losses, samplers, steps_of_d, steps_of_g, tables  # noqa: E402, F401
