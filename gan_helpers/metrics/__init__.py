"""How close p_g is to p_data: `bits`, `densities` and `distances` where it is known, `clouds` and `digits` for samples.

`statistics` has the intervals and tests that go with them.
"""

from gan_helpers.metrics import bits, clouds, densities, digits, distances, statistics

__all__ = ["bits", "clouds", "densities", "digits", "distances", "statistics"]
