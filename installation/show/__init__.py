"""A show file becomes a checked object."""
