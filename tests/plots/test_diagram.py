"""The picture of the five components says what each is, and shows who moves."""

import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from gan_helpers.plots import diagram, style

WORDS = ("even numbers", "7 coins", "56 weights", "8 weights")


def boxes(ax) -> dict[str, FancyBboxPatch]:
    """The boxes that are filled with a color, by that color."""
    found = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    assert len(found) == 4
    return {to_hex(patch.get_facecolor()) for patch in found} - {style.PAPER}


def arrows(ax, dashed: bool) -> list[str]:
    return [to_hex(patch.get_edgecolor()) for patch in ax.patches
            if isinstance(patch, FancyArrowPatch) and (patch.get_linestyle() not in ("-", "solid")) == dashed]


def test_all_five_components_are_named():
    ax = diagram.components(*WORDS)
    texts = [text.get_text() for text in ax.texts]
    assert all(words in texts for words in WORDS)
    assert [text[0] for text in texts if text[1:4] == "   "] == ["I", "G", "R", "D"]
    assert boxes(ax) == {style.G, style.D} and arrows(ax, dashed=True) == []
    assert style.FAKE in arrows(ax, dashed=False) and style.REAL in arrows(ax, dashed=False)


@pytest.mark.parametrize(("moves", "filled", "steps_back"), [("g", style.G, 2), ("d", style.D, 1)])
def test_the_player_who_moves_is_in_color_and_the_gradient_comes_back_to_it(moves, filled, steps_back):
    ax = diagram.components(*WORDS, moves=moves)
    assert boxes(ax) == {filled}
    assert arrows(ax, dashed=True) == [filled] * steps_back
    assert (style.REAL in arrows(ax, dashed=False)) == (moves == "d"), "only D looks at real samples"


def test_after_training_real_samples_and_fakes_meet_without_the_discriminator():
    ax = diagram.components(*WORDS, moves="nobody")
    assert boxes(ax) == {style.G}
    ends = {to_hex(patch.get_edgecolor()): patch.get_path().vertices[-1] for patch in ax.patches
            if isinstance(patch, FancyArrowPatch)}
    (question,) = (text for text in ax.texts if text.get_text() == "alike?")
    assert ends.keys() == {style.MUTED, style.FAKE, style.REAL}
    (retired,) = (patch for patch in ax.patches
                  if isinstance(patch, FancyBboxPatch) and patch.get_linestyle() not in ("-", "solid"))
    top = retired.get_y() + retired.get_height()
    assert question.get_position()[1] > top, "the question stands above D, which is out of the way"


def test_another_player_is_refused():
    with pytest.raises(ValueError, match="'G'"):
        diagram.components(*WORDS, moves="G")
