"""A real-time generative installation controller: a room that speaks."""

__version__ = "0.1.0"
