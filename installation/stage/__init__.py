"""The main thread: what visitors see."""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # the start banner is ours
