"""Hypothesis tries the same examples every time and has no stopwatch, so that a busy machine changes no result."""

from hypothesis import settings

settings.register_profile("course", deadline=None, derandomize=True, database=None)
settings.load_profile("course")
