"""Answers to the exercises of chapter 5 as learners write them, each with a piece of the message meant for it.

The fourth check takes a pair of functions, so the stub, the forgotten return and the 42 come to it in pairs.
"""

from tests.exercises.bank import new_bank, nothing, stub

CHECKS = ("to_pixels", "count_parameters", "losses_from_logits", "half_steps", "shuffled_players", "logit_std")
RIGHT, WRONG, right, wrong = new_bank(tuple(check for check in CHECKS if check != "half_steps"))

wrong("half_steps", "is still the stub")((stub, stub))
wrong("half_steps", "gave back None. Does it end with a return?")((nothing, nothing))
wrong("half_steps", "should be a function, not the int 42")((42, 42))

from tests.exercises.bank_mnist_two_layers import counts, halves, logs, pixels, shuffled, widths  # noqa: E402, F401
