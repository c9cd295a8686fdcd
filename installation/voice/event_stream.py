"""One question to a server, its answer a stream of server-sent events, read beside whoever asked.

The reading goes on in a thread of its own, so that nobody waits for a server. What was read and not
taken is bounded: then the socket is left alone, which slows the server, and after a while the answer
is cancelled. (WHATWG, HTML, 9.2 Server-sent events; httpx2 does the parsing.)
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import json
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Union

from installation.errors import VoiceError
from installation.voice.near import is_near

if TYPE_CHECKING:
    import httpx2

LARGEST = 1 << 20
"""Bytes of one event; a server that sends more sends garbage."""
COMPLAINT = 1 << 14
"""Bytes of a refusal that are read."""


@dataclass(frozen=True, slots=True)
class Question:
    """A POST of JSON. The headers hold a key: they are never shown."""

    url: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name (`message` if it has none) and its data."""

    name: str
    data: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The server answered with a status other than 200. `wait`: the seconds it asks for, if it does."""

    status: int
    text: str
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """There was no answer, or it broke off: `how`, as words behind a server's name."""

    how: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The server ended the stream in good order; or, `unread`, we did, since nobody took it."""

    unread: bool = False


Heard = Union[Event, Refused, Broken, Ended]


class EventStream:
    """An answer being read. The last thing it gives is Refused, Broken or Ended."""

    def __init__(self, loop: asyncio.AbstractEventLoop, held: int) -> None:
        self._loop = loop
        self._held = held
        self._heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._room = asyncio.Event()
        self._reading: concurrent.futures.Future[None] | None = None

    def take(self, wait: float) -> Heard | None:
        """The next that was heard; None when nothing came for `wait` seconds."""
        try:
            heard = self._heard.get(timeout=wait) if wait > 0 else self._heard.get_nowait()
        except queue.Empty:
            return None
        if self._heard.qsize() < self._held // 2:
            self._call(self._room.set)
        return heard

    def cancel(self) -> None:
        """Hang up: the connection is closed, and a server that notices stops."""
        if self._reading is not None:
            self._reading.cancel()

    def begin(self, reading: concurrent.futures.Future[None]) -> None:
        """The task that reads, by which `cancel` ends it."""
        self._reading = reading

    def put(self, heard: Heard) -> None:
        """Of the reading task: this was heard."""
        self._heard.put(heard)

    async def room(self, patience: float) -> bool:
        """Of the reading task: wait until some of what was heard is taken; False after `patience` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._heard.qsize() >= self._held:
                    self._room.clear()
                    if self._heard.qsize() >= self._held // 2:  # else all was taken just before
                        await self._room.wait()
        return self._heard.qsize() < self._held

    def _call(self, what: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the line is closed
            self._loop.call_soon_threadsafe(what)


class Line:
    """A line to one server: asks, keeps connections open, reads the answers.

    Seconds: `connect` until there is a connection, `patience` between two bytes of an answer, `unread`
    until an answer is given up that nobody takes while `held` events of it wait."""

    def __init__(
        self,
        url: str,
        *,
        connect: float = 10.0,
        patience: float = 60.0,
        unread: float = 20.0,
        held: int = 64,
    ) -> None:
        """Raises VoiceError where the library is missing that speaks HTTP."""
        try:
            import httpx2
        except ImportError as error:
            raise VoiceError("a hosted voice needs httpx2: pip install 'installation[hosted]'") from error
        self._unread, self._held = unread, held
        self._loop = asyncio.new_event_loop()
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(patience, connect=connect),
            trust_env=not is_near(url),  # a proxy is for what lies outside
        )
        self._thread = threading.Thread(target=self._loop.run_forever, name="event-stream", daemon=True)
        self._thread.start()

    def ask(self, question: Question) -> EventStream:
        """Ask; the answer is read from now on."""
        stream = EventStream(self._loop, self._held)
        stream.begin(asyncio.run_coroutine_threadsafe(self._read(question, stream), self._loop))
        return stream

    def close(self) -> None:
        """Hang up for good."""
        asyncio.run_coroutine_threadsafe(self._farewell(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _farewell(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._client.aclose()

    async def _read(self, question: Question, stream: EventStream) -> None:
        import httpx2

        try:
            async with self._client.sse(
                question.url,
                method="POST",
                content=json.dumps(question.body, ensure_ascii=False).encode(),
                headers={"Content-Type": "application/json", **question.headers},
                max_event_size=LARGEST,
            ) as source:
                if source.response.status_code != 200:
                    stream.put(await _refusal(source.response))
                    return
                async for event in source:
                    stream.put(Event(event.event, event.data))
                    if not await stream.room(self._unread):
                        stream.put(Ended(unread=True))
                        return
            stream.put(Ended())
        except httpx2.HTTPError as error:
            stream.put(Broken(_how(error)))
        except (httpx2.InvalidURL, httpx2.StreamError, ValueError) as error:
            stream.put(Broken(f"cannot be asked ({error})"))


async def _refusal(response: httpx2.Response) -> Refused:
    text = b""
    async for piece in response.aiter_bytes():
        text += piece
        if len(text) >= COMPLAINT:
            break
    wait = wait_of(response.headers, datetime.now(UTC))
    return Refused(response.status_code, text[:COMPLAINT].decode("utf-8", "replace"), wait)


def wait_of(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a refusal asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date
    (RFC 9110, 10.2.3); None where it does not say, or not in words that can be read."""
    for name, part in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        text = headers.get(name, "")
        with contextlib.suppress(ValueError):
            if text:
                return max(0.0, min(86400.0, float(text) * part))
        with contextlib.suppress(ValueError, TypeError):
            if text:
                return max(0.0, min(86400.0, (parsedate_to_datetime(text) - now).total_seconds()))
    return None


def _how(error: httpx2.HTTPError) -> str:
    """A transport error as words behind a server's name."""
    import httpx2

    said = " ".join(str(error).split())[:160]
    kinds: list[tuple[type[Exception], str]] = [
        (httpx2.ConnectTimeout, "cannot be reached: it does not answer"),
        (httpx2.ConnectError, "cannot be reached"),
        (httpx2.TimeoutException, "has fallen silent"),
        (httpx2.SSEError, "answered with something that is no event stream"),
        (httpx2.NetworkError, "broke off"),
        (httpx2.RemoteProtocolError, "broke off"),
    ]
    how = next((words for kind, words in kinds if isinstance(error, kind)), "cannot be asked")
    return f"{how} ({said})" if said else how
