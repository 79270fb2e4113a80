"""Figures that more than one section draws: `style` sets their look, the others draw one kind each."""

from gan_helpers.plots import bits, densities, diagram, images, losses, rates, style

__all__ = ["bits", "densities", "diagram", "images", "losses", "rates", "style"]
