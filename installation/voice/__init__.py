"""The speaking model, in its own process."""
