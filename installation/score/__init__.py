"""Decides; never does."""
