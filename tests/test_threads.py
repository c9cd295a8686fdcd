"""The show process leaves the other cores to the voice."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import os, sys
from installation.cli import main
assert "numpy" not in sys.modules, "numpy is loaded before it can be told"
main(["check", "shows/tide"])
print(os.environ["OPENBLAS_NUM_THREADS"])
"""


@pytest.mark.parametrize(("ours", "then"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")])
def test_numpy_uses_one_thread_unless_told_otherwise(ours, then):
    env = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"} | ours
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.split()[-1] == then
