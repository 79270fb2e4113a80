"""How close p_g is to p_data: `bits`, `densities` and `distances` if p_data is known, `clouds` and `digits` if not.

`statistics` has the intervals and tests that go with them.
"""

from gan_helpers.metrics import bits, clouds, densities, digits, distances, statistics

__all__ = ["bits", "clouds", "densities", "digits", "distances", "statistics"]
