"""The helper package of *Forgers & Detectives*, laid out as a GAN is.

R  `data`            the real samples; `mnist` the digits; `data.from_samples` those of your own
I  `noise`           what goes into the generator
G  `generators`      turn noise into fakes
D  `discriminators`  tell fakes from real samples
   `layers`          layers and initial weights that G and D are built from
   `losses`          what each player minimizes
   `gan`             the five components put together, as one object
   `recipes`         named GANs: those of the articles and the course's own
   `training`        the loop: `training.steps` holds one step, `training.trainer` what repeats it
   `metrics`         how close p_g is to p_data, with the statistics that go with it
   `plots`           figures that more than one section draws
   `diagnosis`       what is wrong with a GAN that fails
   `exercises`       what the exercises are checked with, one module per chapter
   `recorded`        results of long runs
"""

__version__ = "0.1.0"
