"""The looks, one a file."""
