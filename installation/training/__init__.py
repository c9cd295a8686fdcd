"""From a corpus to the house model."""
