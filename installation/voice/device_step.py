"""One step of every voice on a device as a single recording: decode, mix, lean, sample.

On CUDA a step is recorded once for each of a few sizes (CUDA graphs, Nvidia, 2019; gpt-fast, 2023) and
then replayed: what differs from token to token is written into tensors before, so nothing is ever recorded
anew because somebody turned a knob. On any other device the same code runs unrecorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from installation.voice.device_decoder import DeviceDecoder
from installation.voice.device_sampling import DeviceChooser

SHORTEST = 128
"""Places that the shortest recording looks back on; each longer one looks back twice as far."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a recording is made for: rows of the batch, places looked back on, how many likeliest are
    sorted, whether rows are mixed, and the layers that are pushed."""

    rows: int
    reach: int
    few: int
    mixed: bool
    pushed: frozenset[int]


class DeviceStep:
    """Steps of up to `rows` rows of a decoder, which up to as many voices hear; see `run`."""

    def __init__(self, decoder: DeviceDecoder, rows: int, never: Sequence[int] = ()) -> None:
        import torch

        self._torch, self._decoder = torch, decoder
        self._cuda = decoder.device.startswith("cuda")
        self._batches = [1 << n for n in range((rows - 1).bit_length() + 1)]
        self._choosers = {
            batch: DeviceChooser(batch, decoder.vocabulary, decoder.device, never) for batch in self._batches
        }
        with torch.inference_mode():
            self._read = {
                batch: torch.zeros(3, batch, dtype=torch.int64, device=decoder.device)
                for batch in self._batches
            }
            self._mix = {batch: torch.eye(batch, device=decoder.device) for batch in self._batches}
        self._recorded: dict[Size, tuple[Any, Any, Any]] = {}
        cuda: Any = torch.cuda  # partly without types
        # nothing of ours is urgent: what draws on the same card goes first
        self._stream = cuda.Stream(device=decoder.device, priority=0) if self._cuda else None
        self._pool = cuda.graph_pool_handle() if self._cuda else None

    @property
    def recordings(self) -> int:
        """How many sizes have been recorded."""
        return len(self._recorded)

    def chooser(self, rows: int) -> DeviceChooser:
        """The controls of a step of so many rows: to be set before `run`, one voice each, then sent by it."""
        return self._choosers[self._batch(rows)]

    def prepare(self) -> None:
        """Record what is likely to be needed, so that no voice waits for it later: takes seconds."""
        if not self._cuda:
            return
        for batch in self._batches:
            chooser = self._choosers[batch]
            chooser.rest()
            for reach in self._reaches():
                self._write(batch, [], [], None)
                self._played(Size(batch, reach, chooser.few, False, self._decoder.pushed))

    def run(
        self, rows: Sequence[int], ids: Sequence[int], mix: Any = None, *, sampled: bool = True
    ) -> tuple[Any, Any]:
        """Read one token into each of `rows`: the logits of each voice (voices, vocabulary) on the device,
        and what its chooser says (voices, WIDTH) in numpy, None unless `sampled`.

        `mix` (voices, rows) says how much each row counts for each voice; None: each row is a voice.
        Both are overwritten by the next step. Raises IndexError where a row is full."""
        decoder = self._decoder
        batch = self._batch(len(rows))
        chooser = self._choosers[batch]
        far = max(decoder.lengths[row] for row in rows)
        if far >= decoder.limit:
            raise IndexError(f"a row holds {decoder.limit} tokens")
        with self._torch.inference_mode():
            self._write(batch, rows, ids, mix)
            chooser.send()
            reach = next(reach for reach in self._reaches() if reach > far)
            logits, table = self._played(Size(batch, reach, chooser.few, mix is not None, decoder.pushed))
            told = table.cpu().numpy() if sampled else None
        for row in rows:
            decoder.lengths[row] += 1
        voices = len(rows) if mix is None else len(mix)
        return logits[:voices], None if told is None else told[:voices]

    def _batch(self, rows: int) -> int:
        return next(batch for batch in self._batches if batch >= rows)

    def _reaches(self) -> list[int]:
        limit = self._decoder.limit
        reaches, reach = [], SHORTEST
        while reach < limit:
            reaches.append(reach)
            reach *= 2
        return [*reaches, limit]

    def _write(self, batch: int, rows: Sequence[int], ids: Sequence[int], mix: Any) -> None:
        """Bring to the device what is read where; who fills the batch up reads into nobody's row."""
        decoder, torch = self._decoder, self._torch
        read = np.zeros((3, batch), np.int64)
        read[0] = decoder.nobody
        read[0, : len(rows)], read[1, : len(ids)] = rows, ids
        read[2, : len(rows)] = [decoder.lengths[row] for row in rows]
        self._read[batch].copy_(torch.from_numpy(read))
        if mix is not None:
            whole = np.zeros((batch, batch), np.float32)
            whole[: len(mix), : len(rows)] = mix
            self._mix[batch].copy_(torch.from_numpy(whole))

    def _played(self, size: Size) -> tuple[Any, Any]:
        if not self._cuda:
            return self._once(size)
        if size not in self._recorded:
            self._recorded[size] = self._record(size)
        graph, logits, table = self._recorded[size]
        graph.replay()
        return logits, table

    def _once(self, size: Size) -> tuple[Any, Any]:
        rows, ids, places = self._read[size.rows]
        logits = self._decoder.step(rows, ids, places, size.reach)
        if size.mixed:
            logits = self._mix[size.rows] @ logits
        return logits, self._choosers[size.rows].choose(logits, size.few)

    def _record(self, size: Size) -> tuple[Any, Any, Any]:
        """Record a step. It is run before, which writes what it writes once more: nothing else changes."""
        torch = self._torch
        with torch.inference_mode():
            torch.cuda.synchronize()
            with torch.cuda.stream(self._stream):
                for _ in range(2):
                    self._once(size)
            torch.cuda.synchronize()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, pool=self._pool, stream=self._stream):
                logits, table = self._once(size)
        return graph, logits, table
