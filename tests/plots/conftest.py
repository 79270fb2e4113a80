"""No test leaves a figure to the next one."""

import pytest
from matplotlib import pyplot as plt


@pytest.fixture(autouse=True)
def no_figure_open():
    yield
    plt.close("all")
