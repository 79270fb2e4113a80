"""The exercises of chapter 2 against answers of all kinds."""

from gan_helpers.exercises import gray_pixel
from tests.exercises import bank_gray_pixel
from tests.exercises.generic import ExercisesAsData


class TestGrayPixel(ExercisesAsData):
    module, bank, notebook = gray_pixel, bank_gray_pixel, "02_gray_pixel.ipynb"
