"""What is wrong with my GAN? `diagnose` tests it, part by part, and names the cause.

`measure` takes the measurements: of samples, networks and the loop's step, in the modules of these names. `causes`
judges them by limits that were chosen on half of the bank of broken GANs (`benchmarks.broken`).
"""

from gan_helpers.diagnosis.report import Diagnosis, Finding, diagnose

__all__ = ["Diagnosis", "Finding", "diagnose"]
