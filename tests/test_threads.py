"""The show process leaves the other cores to the voice, and does not stop to tidy up."""

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

COLLECTOR = """
import gc
from installation.worker import spare_collections
spare_collections()
print(gc.get_freeze_count() > 10_000, gc.isenabled(), gc.get_threshold()[2])
"""


@pytest.mark.parametrize(("ours", "then"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")])
def test_numpy_uses_one_thread_unless_told_otherwise(ours, then):
    env = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"} | ours
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.split()[-1] == then


def test_what_was_loaded_is_not_looked_through_for_garbage():
    said = subprocess.run(
        [sys.executable, "-c", COLLECTOR], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.split() == ["True", "True", "1000"]
