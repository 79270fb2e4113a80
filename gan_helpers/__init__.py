"""The helper package of *Forgers & Detectives*, laid out as a GAN is.

R  `data`            the real samples
I  `noise`           what goes into the generator
G  `generators`      turn noise into fakes
D  `discriminators`  tell fakes from real samples
   `gan`             the five components put together, as one object
   `losses`          what each player is paid
   `steps`           one move of the game
   `training`        the loop, for one run; `many` trains many runs at once
   `metrics`         how close p_g is to p_data
   `plots`           figures that more than one section draws
   `checks`          what the exercises are checked with, one module a chapter
"""

__version__ = "0.1.0"
