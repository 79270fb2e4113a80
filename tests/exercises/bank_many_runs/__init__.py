"""Answers to the exercises of chapter 4 as learners write them, each with a piece of the message meant for it.

The first check takes a pair of functions, so the stub, the forgotten return and the 42 come to it in pairs.
"""

from tests.exercises.bank import new_bank, nothing, stub

CHECKS = ("cycling", "wilson", "smoothed_d", "name_failure", "moving_average")
RIGHT, WRONG, right, wrong = new_bank(CHECKS[1:])

wrong("cycling", "is still the stub")((stub, stub))
wrong("cycling", "gave back None. Does it end with a return?")((nothing, nothing))
wrong("cycling", "should be a function, not the int 42")((42, 42))

from tests.exercises.bank_many_runs import averages, cycling, intervals, names, smoothed  # noqa: E402, F401
