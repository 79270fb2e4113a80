"""Commands for those who maintain the course; each runs as `python -m tools.NAME`."""
