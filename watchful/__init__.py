"""The house behind both doors: clinical rules, chart reading, words, journal, settings."""

__version__ = "0.1.0"
