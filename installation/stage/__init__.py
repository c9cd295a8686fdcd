"""The main thread: what visitors see."""
