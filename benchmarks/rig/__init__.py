"""What the benchmarks of a running show share: a screen, a model, and the show around them."""

import os

# As the command line does, before numpy and pygame are loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
