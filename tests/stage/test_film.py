import av
import numpy as np
import pytest

from installation.errors import StageError
from installation.stage.film import Film, write_still

SOURCE = {"title": "Tide", "show": "abc123", "commit": "0123456789ab", "model": "house", "seed": "7"}


def ramp(n):
    pixels = np.zeros((90, 160, 3), np.uint8)
    pixels[:, :, 0] = n * 20
    return pixels


def test_a_film_has_its_frames_its_rate_and_its_source(tmp_path):
    path = tmp_path / "film.mp4"
    with Film(path, (160, 90), 30, SOURCE) as film:
        for n in range(12):
            film.add(ramp(n))
    with av.open(str(path)) as read:
        frames = [frame.to_ndarray(format="rgb24") for frame in read.decode(video=0)]
        assert read.streams.video[0].average_rate == 30
        assert SOURCE.items() <= dict(read.metadata).items()
    assert len(frames) == 12
    assert abs(int(frames[10][45, 80, 0]) - 200) < 8


def test_an_odd_size_loses_its_last_row(tmp_path):
    with Film(tmp_path / "film.mp4", (161, 91), 30, {}) as film:
        film.add(np.zeros((91, 161, 3), np.uint8))
    assert film.size == (160, 90)


def test_a_film_into_nowhere_is_told(tmp_path):
    with pytest.raises(StageError, match="cannot write a film"):
        Film(tmp_path / "none" / "film.mp4", (160, 90), 30, {})


def test_a_still_is_a_png_that_names_its_source(tmp_path):
    path = tmp_path / "still.png"
    write_still(path, ramp(5), SOURCE)
    with av.open(str(path)) as read:
        frame = next(read.decode(video=0))
        assert (frame.to_ndarray(format="rgb24") == ramp(5)).all()
        assert (
            SOURCE.items() <= dict(frame.metadata or read.metadata).items() or b"abc123" in path.read_bytes()
        )


def test_a_still_into_nowhere_is_told(tmp_path):
    with pytest.raises(StageError, match="cannot write a still"):
        write_still(tmp_path / "none" / "still.png", ramp(1), {})
