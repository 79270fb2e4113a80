"""Figures that more than one section draws: `style` sets their look, the others draw one kind each."""

from gan_helpers.plots import bits, densities, images, losses, style

__all__ = ["bits", "densities", "images", "losses", "style"]
