"""Answers to the exercises of chapter 1 as learners write them, each with a piece of the message meant for it."""

RIGHT: list[tuple[str, object]] = []  # (check, answer)
WRONG: list[tuple[str, object, str]] = []  # (check, answer, what the message must say)


def right(check: str):
    """Put the function under this into the bank as a right answer to `check`."""

    def keep(answer):
        RIGHT.append((check, answer))
        return answer

    return keep


def wrong(check: str, says: str):
    """Put the function under this into the bank as a wrong answer, for which the message has to hold `says`."""

    def keep(answer):
        WRONG.append((check, answer, says))
        return answer

    return keep


def stub(*arguments):
    """The answer cell as a learner finds it."""
    raise NotImplementedError("write your answer here, in place of this line")


def nothing(*arguments):
    """A forgotten return."""


CHECKS = ("multiples_of_four", "discriminator_loss", "generator_step", "discriminator_step", "exact_table", "report",
          "two_numbers", "perfect_generator")  # fmt: skip
for name in CHECKS:
    wrong(name, "is still the stub")(stub)
    wrong(name, "gave back None. Does it end with a return?")(nothing)
    wrong(name, "should be a function, not the int 42")(42)

from tests.checks.bank_even_numbers import by_hand, losses, samplers, steps_of_d, steps_of_g, tables  # noqa: E402, F401
