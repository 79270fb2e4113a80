"""Exercise 4: the failure by its name."""

import numpy as np
import torch

from tests.exercises.bank_many_runs import right, wrong

NAME = "name_failure"
WORDS = ("collapsed", "elsewhere", "wrong width", "wrong shape", "good")


@right(NAME)
def one_expression(mean, std, distance):
    return ("collapsed" if std < 0.3 else "elsewhere" if not 3.5 < mean < 4.5 else
            "wrong width" if not 0.9 < std < 1.6 else "wrong shape" if distance >= 0.25 else "good")  # fmt: skip


@right(NAME)
def with_select(mean, std, distance):
    return np.select([std < 0.3, abs(mean - 4) >= 0.5, abs(std - 1.25) >= 0.35, distance >= 0.25], WORDS[:4], WORDS[4])


@right(NAME)
def first_of_a_list(mean, std, distance):
    fits = [std < 0.3, abs(4 - mean) >= 0.5, abs(1.25 - std) >= 0.35, distance >= 0.25, True]
    return WORDS[fits.index(True)]


@right(NAME)
def last_rule_first(mean, std, distance):
    word = "wrong shape" if distance >= 0.25 else "good"
    if std <= 0.9 or std >= 1.6:
        word = "wrong width"
    if mean <= 3.5 or mean >= 4.5:
        word = "elsewhere"
    if std < 0.3:
        word = "collapsed"
    return word


@right(NAME)
def in_single_precision(mean, std, distance):
    mean, std, distance = torch.tensor([mean, std, distance])
    fits = torch.stack([std < 0.3, (mean - 4).abs() >= 0.5, (std - 1.25).abs() >= 0.35, distance >= 0.25])
    return np.array(WORDS)[int((~fits).cumprod(0).sum())]


@right(NAME)
def bounds_that_are_computed(mean, std, distance):
    if std < 0.3:
        return "collapsed"
    if (mean - 4) ** 2 >= 0.25:
        return "elsewhere"
    if std <= 1.25 - 0.35 or std >= 1.25 + 0.35:
        return "wrong width"
    return ["good", "wrong shape"][distance >= 0.25]


def rules(order=WORDS[:4], **other):
    """An answer that tries the rules in this order; `other` holds the rules that are not as they should be."""
    tests = {
        "collapsed": lambda mean, std, distance: std < 0.3,
        "elsewhere": lambda mean, std, distance: abs(mean - 4) >= 0.5,
        "wrong width": lambda mean, std, distance: abs(std - 1.25) >= 0.35,
        "wrong shape": lambda mean, std, distance: distance >= 0.25,
    } | {word.replace("_", " "): rule for word, rule in other.items()}

    def answer(mean, std, distance):
        return next((word for word in order if tests[word](mean, std, distance)), "good")

    return answer


def renamed(change):
    return lambda mean, std, distance: change(one_expression(mean, std, distance))


def no_else(mean, std, distance):
    if std < 0.3:
        return "collapsed"
    if abs(mean - 4) >= 0.5:
        return "elsewhere"


COLLAPSED, ELSEWHERE, WIDTH, SHAPE, GOOD = WORDS
ANSWERS = [
    (rules((ELSEWHERE, COLLAPSED, WIDTH, SHAPE)),
     "is 'collapsed', you say 'elsewhere'. Collapsed takes a standard deviation below 0.3, and comes first"),
    (rules((WIDTH, ELSEWHERE, COLLAPSED, SHAPE)),
     "is 'elsewhere', you say 'wrong width'. Elsewhere takes a mean 0.5 or more off 4, and comes first"),
    (rules((COLLAPSED, WIDTH, ELSEWHERE, SHAPE)),
     "is 'elsewhere', you say 'wrong width'. Elsewhere takes a mean 0.5 or more off 4, and comes first"),
    (rules((COLLAPSED, ELSEWHERE, SHAPE, WIDTH)),
     "is 'wrong width', you say 'wrong shape'. Wrong width takes a standard deviation 0.35 or more off"),
    (rules((SHAPE, WIDTH, ELSEWHERE, COLLAPSED)),
     "is 'elsewhere', you say 'wrong shape'. Elsewhere takes a mean 0.5 or more off 4, and comes first"),
    (rules((ELSEWHERE, WIDTH, SHAPE)), "is 'collapsed', you say 'wrong width'"),
    (rules((COLLAPSED, WIDTH, SHAPE)), "is 'elsewhere', you say 'wrong width'"),
    (rules((COLLAPSED, ELSEWHERE, SHAPE)), "is 'wrong width', you say 'wrong shape'"),
    (rules((COLLAPSED, ELSEWHERE, WIDTH)), "you say 'good'. Wrong shape takes a distance of 0.25 or more"),
    (rules(collapsed=lambda m, s, d: s <= 0.3), "Collapsed would take a standard deviation below 0.3"),
    (rules(collapsed=lambda m, s, d: s < 0.5), "Collapsed would take a standard deviation below 0.3"),
    (rules(collapsed=lambda m, s, d: s**2 < 0.3), "Collapsed would take a standard deviation below 0.3"),
    (rules(collapsed=lambda m, s, d: s < 0.1), "0.29 and distance 0.77 is 'collapsed', you say 'wrong width'"),
    (rules(collapsed=lambda m, s, d: s > 0.3), "is 'good', you say 'collapsed'"),
    (rules(elsewhere=lambda m, s, d: m - 4 >= 0.5), "a run with mean 3.5, standard deviation 1.25"),
    (rules(elsewhere=lambda m, s, d: 4 - m >= 0.5), "a run with mean 8.637, standard deviation 0.453"),
    (rules(elsewhere=lambda m, s, d: abs(m - 4) > 0.5), "Elsewhere takes a mean 0.5 or more off 4"),
    (rules(elsewhere=lambda m, s, d: abs(m) - 4 >= 0.5), "a run with mean 3.5, standard deviation 1.25"),
    (rules(elsewhere=lambda m, s, d: abs(m - 4) >= 0.4), "Elsewhere would take a mean 0.5 or more off 4"),
    (rules(elsewhere=lambda m, s, d: abs(m) >= 0.5), "Elsewhere would take a mean 0.5 or more off 4"),
    (rules(elsewhere=lambda m, s, d: d >= 0.5), "you say 'elsewhere'. Elsewhere would take a mean"),
    (rules(wrong_width=lambda m, s, d: abs(s - 1.25) > 0.35), "standard deviation 0.9 and distance 0.24"),
    (rules(wrong_width=lambda m, s, d: s - 1.25 >= 0.35), "standard deviation 0.6 and distance 0.55 is 'wrong width'"),
    (rules(wrong_width=lambda m, s, d: 1.25 - s >= 0.35), "standard deviation 1.85 and distance 0.5 is 'wrong width'"),
    (rules(wrong_width=lambda m, s, d: abs(s - 1) >= 0.35), "standard deviation 1.58"),
    (rules(wrong_width=lambda m, s, d: abs(s - 1.25) >= 0.3), "standard deviation 1.58"),
    (rules(wrong_width=lambda m, s, d: abs(s - 1.25) >= 0.35 and d >= 0.25), "you say 'good'. Wrong width takes"),
    (rules(wrong_width=lambda m, s, d: abs(s**2 - 1.25) >= 0.35), "a standard deviation 0.35 or more off 1.25"),
    (rules(wrong_shape=lambda m, s, d: d > 0.25), "you say 'good'. Wrong shape takes a distance of 0.25 or more."),
    (rules(wrong_shape=lambda m, s, d: d >= 0.2), "Wrong shape would take a distance of 0.25 or more"),
    (rules(wrong_shape=lambda m, s, d: d < 0.25), "Wrong shape would take a distance of 0.25 or more"),
    (lambda std, mean, distance: one_expression(mean, std, distance), "you call every run 'elsewhere'"),
    (lambda mean, std, distance: "good", "you call every run 'good'"),
    (lambda mean, std, distance: GOOD if distance < 0.25 else SHAPE, "you say 'wrong shape'"),
    (no_else, "gave back None. Does it end with a return?"),
    (renamed(str.title), "write 'good' exactly so, not 'Good'"),
    (renamed(str.upper), "write 'good' exactly so, not 'GOOD'"),
    (renamed(lambda word: word + " "), "write 'good' exactly so, not 'good '"),
    (renamed(lambda word: word.replace(" ", "_")), "write 'wrong shape' exactly so, not 'wrong_shape'"),
    (renamed(lambda word: word.replace(" ", "-")), "write 'wrong shape' exactly so, not 'wrong-shape'"),
    (renamed(lambda word: word.replace(" ", "  ")), "write 'wrong shape' exactly so, not 'wrong  shape'"),
    (renamed(lambda word: word.replace("collapsed", "collapse")), "'collapse' is none of the words: collapsed"),
    (renamed(lambda word: word.replace("wrong shape", "shape")), "'shape' is none of the words"),
    (renamed(WORDS.index), "return one of the words, not 4"),
    (renamed(lambda word: [word]), "return one of the words, not ['good']"),
    (renamed(lambda word: word == GOOD), "return one of the words, not True"),
    (renamed(str.encode), "return one of the words, not b'good'"),
]  # fmt: skip
for answer, says in ANSWERS:
    wrong(NAME, says)(answer)
