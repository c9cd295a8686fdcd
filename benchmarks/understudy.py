"""How soon there are words again when the voice is killed, and how soon its understudy is up.

Method. A show runs as `rehearse --headless` runs it, but without a terminal: score, ports, recorder, the
voice's process and its understudy's. The voice is killed with -9 twenty times, each time in the midst
of its text and never before its understudy has loaded. Timed is the way from the kill to the first word
on the wall that the understudy has sampled; every word that the voice had ready counts as delay. The
voice holds one token ready at most and 20 words a second are spoken, so that almost nothing hides the
loss: on a show's own settings two seconds of words are ready, and no visitor sees a gap. It is a script,
because that one is back soonest; then the house model by torch is killed thrice, on a show's own
settings, and the longest silence between two words is told beside the usual one.

`up` is the time from asking for the understudy's process until its first token has come, ten times.
"""

from __future__ import annotations

import os
import platform


def main() -> None:
    # Here, because a child process looks into this file as it begins and needs none of it.
    import asyncio

    from rig import night

    from installation.voice.catalogue import HOUSE

    if not HOUSE.is_dir():
        raise SystemExit("not measured: the house model is not here")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    again, up = night.words_again(), asyncio.run(night.up())
    night.house_killed()
    print(f"figure understudy_words_again_ms {again:.0f}")
    print(f"figure understudy_up_ms {up:.0f}")


if __name__ == "__main__":
    main()
