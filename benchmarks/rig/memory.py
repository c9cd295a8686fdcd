"""What a process holds of the machine's memory."""

from __future__ import annotations

import os
from pathlib import Path


def resident() -> int:
    """Bytes of this process that are in memory now, as Linux counts them. SystemExit elsewhere."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        raise SystemExit("not measured: only Linux tells what is resident without another package")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
