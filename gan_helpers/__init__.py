"""The helper package of *Forgers & Detectives*, laid out as a GAN is.

R  `data`            the real samples; `images` those of MNIST, whose pixels come in two `scales`
I  `noise`           what goes into the generator
G  `generators`      turn noise into fakes
D  `discriminators`  tell fakes from real samples
   `gan`             the five components put together, as one object
   `losses`          what each player is paid
   `views`           what D is shown of a batch
   `steps`           one move of the game
   `training`        train one GAN; `many` trains many at once; `loop`, `run`, `stacking` and `resume` serve both
   `recipes`         the bell curve's recipes; `digit_recipes` those of the digits
   `metrics`         how close p_g is to p_data; `densities` the same for known densities, `quality` for samples of
                     many numbers, seen through `classifier` if they are digits
   `plots`           figures that more than one section draws; `curves` those of densities, `pictures` of images
   `checks`          what the exercises are checked with, one module a chapter
"""

__version__ = "0.1.0"
