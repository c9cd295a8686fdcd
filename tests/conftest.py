"""What several rooms' tests share."""

import os
import shutil

import pytest


@pytest.fixture
def program():
    """The path of a program by name. Absent: skip with a sentence, or fail where nothing may be skipped."""

    def find(name: str) -> str:
        path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
        if path is None:
            sentence = f"{name} is not installed on this machine"
            if os.environ.get("INSTALLATION_NO_SKIPS") == "1":
                pytest.fail(sentence)
            pytest.skip(sentence)
        return path

    return find
