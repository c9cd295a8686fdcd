"""What several rooms' tests share."""

import ctypes
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


@pytest.fixture(scope="module")
def egl():
    """An OpenGL context without a window, of whatever there is; absent: as with `program`."""
    moderngl = pytest.importorskip("moderngl") if os.environ.get("INSTALLATION_NO_SKIPS") != "1" else None
    if moderngl is None:
        import moderngl
    try:
        context = moderngl.create_standalone_context(backend="egl", require=330)
    except Exception as error:  # noqa: BLE001  moderngl raises it bare
        sentence = f"EGL gives no OpenGL on this machine: {error}"
        if os.environ.get("INSTALLATION_NO_SKIPS") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)
    yield context
    context.release()
    # It would stay this thread's own, and no window could have one.
    ctypes.CDLL("libEGL.so.1").eglReleaseThread()
