"""Frames become a film or a still, each of which names where it comes from.

H.264 in MP4 by FFmpeg's libraries (PyAV); stills as PNG with text chunks (PNG specification, 11.3.3).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from installation.errors import StageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

CRF = 16
"""x264's constant quality, 0 best to 51: dark gradients band above about 18."""


class Film:
    """A film being written, `fps` frames a second; use it as a context manager.

    Frames are (height, width, 3) uint8 RGB; an odd last row or column is left out, as H.264 needs."""

    def __init__(self, path: Path, size: tuple[int, int], fps: int, metadata: Mapping[str, str]) -> None:
        import av

        self.size = (size[0] // 2 * 2, size[1] // 2 * 2)
        options = {"movflags": "use_metadata_tags+faststart"}
        try:
            self._container = av.open(str(path), "w", options=options)
        except (OSError, ValueError) as error:  # a name of no kind of film
            raise StageError(f"cannot write a film to {path}: {error}") from error
        self._container.metadata.update(metadata)
        self._stream: Any = self._container.add_stream("libx264", rate=Fraction(fps))
        self._stream.width, self._stream.height = self.size
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"crf": str(CRF), "preset": "medium", "tune": "animation"}
        try:
            self._container.start_encoding()
        except (OSError, ValueError) as error:
            raise StageError(f"cannot write a film to {path}: {error}") from error
        self.frames = 0

    def add(self, pixels: Pixels) -> None:
        """Append one frame."""
        import av

        frame = av.VideoFrame.from_ndarray(pixels[: self.size[1], : self.size[0]].copy(), format="rgb24")
        frame.pts = self.frames
        for packet in self._stream.encode(frame):
            self._container.mux(packet)
        self.frames += 1

    def close(self) -> None:
        for packet in self._stream.encode():
            self._container.mux(packet)
        self._container.close()

    def __enter__(self) -> Film:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def write_still(path: Path, pixels: Pixels, metadata: Mapping[str, str]) -> None:
    """One picture as PNG, (height, width, 3) uint8 RGB, with `metadata` as its text chunks."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + pixels[y].tobytes() for y in range(height))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))]
    chunks += [
        (b"iTXt", name.encode() + b"\0\0\0\0\0" + text.encode()) for name, text in metadata.items() if text
    ]
    chunks += [(b"IDAT", zlib.compress(rows, 6)), (b"IEND", b"")]
    body = b"".join(_chunk(kind, data) for kind, data in chunks)
    try:
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    except OSError as error:
        raise StageError(f"cannot write a still to {path}: {error.strerror}") from error


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
