"""Figures as ratios taken in one run: `make bench`, `make bench ONLY=completions`.

A benchmark is a module with `figures()`, which yields dictionaries with the keys
name, value, unit, compared_with, ratio, goal. This machine may be busy: trust ratios.
"""
