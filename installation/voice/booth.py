"""Where voices speak: what runs in their own process, behind the pipe. One alone, or a company over one model."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from installation.errors import VoiceError
from installation.messages import Steering, Token, VoiceNews
from installation.voice.catalogue import kind_of, make, whole
from installation.voice.voice import Prepares, Singer, Tells, Voice
from installation.worker import spare_collections

PAUSES = (1.0, 60.0)
"""Seconds, first and longest, for which a voice rests that could not go on while the others could."""


def speak(
    pipe: Connection,
    voices: Mapping[str, Mapping[str, Any]],
    folder: Path,
    threads: int,
    nice: int = 0,
) -> None:
    """What the child does: load, then speak on credit until the pipe ends. `voices`: the settings of each,
    all of one model where there are several. Errors are told, then it ends. A lone voice sends each
    message as it is, a company tuples of them."""
    # Read by the libraries under torch as they load; drawing keeps one core for itself.
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    try:
        loaded, news = _load(voices, folder, pipe.send)
        if nice and hasattr(os, "nice"):
            os.nice(nice)  # not sooner: words may be waited for
        if len(loaded) == 1:
            (alone,) = loaded.values()
            pipe.send(_told(alone, news))
            spare_collections()
            _speak_on(pipe, alone)
        else:
            every = {name: _told(voice, replace(news, voice=name)) for name, voice in loaded.items()}
            pipe.send(tuple(every.values()))
            spare_collections()
            _sing_on(pipe, {name: Stand(voice, every[name]) for name, voice in loaded.items()})
    except VoiceError as error:
        detail = str(error)
    except (EOFError, BrokenPipeError, ConnectionResetError):  # the show has ended
        return
    except Exception as error:  # noqa: BLE001  the edge of the process: a model may raise anything
        traceback.print_exc()
        detail = " ".join(f"{type(error).__name__}: {error}".split())[:400]
    pipe.send(tuple(VoiceNews(name, "error", detail) for name in voices))
    raise SystemExit(1)


def _load(
    voices: Mapping[str, Mapping[str, Any]], folder: Path, tell: Callable[[VoiceNews], None]
) -> tuple[dict[str, Any], VoiceNews]:
    """The voices, all over the model of the first, and its news. `tell` is given news of what takes long."""
    (first, settings), *others = voices.items()
    voice = make(settings, first, folder)
    if isinstance(voice, Tells):
        voice.tell = tell
    if isinstance(voice, Singer):
        voice.company = len(voices)
    news = voice.load()
    loaded: dict[str, Any] = {first: voice}
    for name, own in others:
        assert isinstance(voice, Singer), "only a model on this machine speaks for several"
        loaded[name] = voice.another(whole(own, folder), name)
    return loaded, replace(news, can=news.can or kind_of(settings, folder).can)


def _told(voice: Voice, news: VoiceNews) -> VoiceNews:
    """The news of a voice with what it remembers."""
    known = voice.known if isinstance(voice, Tells) else ""
    return replace(news, detail=f"{news.detail}; {known}") if known else news


def _speak_on(pipe: Connection, voice: Voice) -> None:
    """Token after token below the credit; the newest Steering is heard before each."""
    credit, turn = 0, -1
    while True:
        newest: Steering | None = None
        while pipe.poll() or (newest is None and (turn < 0 or voice.n >= credit)):
            if turn >= 0 and not pipe.poll() and isinstance(voice, Prepares) and voice.prepare():
                continue
            newest = pipe.recv()
        if newest is not None:
            if newest.turn != turn:
                voice.begin(newest.text, newest.first)
            voice.steer(newest)
            credit, turn = newest.credit, newest.turn
        if voice.n < credit:
            message = voice.next()
            if message is not None:
                pipe.send(message)


@dataclass
class Stand:
    """Where one of a company stands: its credit, the turn it is in, and when it has rested, if it must."""

    voice: Singer
    news: VoiceNews
    credit: int = 0
    turn: int = -1
    rested: float = 0.0
    pause: float = PAUSES[0]

    @property
    def due(self) -> bool:
        """Whether it may speak."""
        return not self.rested and self.voice.n < self.credit

    def hear(self, steering: Steering) -> None:
        """Obey. One that rests hears nothing: when it is ready, it is given the word anew."""
        if self.rested:
            return
        if steering.turn != self.turn:
            self.voice.begin(steering.text, steering.first)
        self.voice.steer(steering)
        self.credit, self.turn = steering.credit, steering.turn

    def rest(self, error: VoiceError) -> VoiceNews:
        """It cannot go on for now."""
        self.rested = time.monotonic() + self.pause
        self.pause = min(PAUSES[1], 2 * self.pause)
        self.credit, self.turn = 0, -1
        return replace(self.news, state="lost", detail=str(error))


def _sing_on(pipe: Connection, stands: Mapping[str, Stand]) -> None:
    """Step after step of all that have credit; the newest Steering of each is heard before each step. One
    that cannot go on rests for a while. Raises VoiceError where the model itself cannot."""
    from installation.voice.choir import Choir

    choir = Choir({name: stand.voice for name, stand in stands.items()})
    while True:
        told: list[Token | VoiceNews] = []
        for steering in _heard(pipe, stands):
            stand = stands[steering.voice]
            try:
                stand.hear(steering)
            except VoiceError as error:
                told.append(stand.rest(error))
        for stand in stands.values():
            if stand.rested and stand.rested <= time.monotonic():
                stand.rested = 0.0
                told.append(stand.news)
        for name, message in choir.step([name for name, stand in stands.items() if stand.due]).items():
            stand = stands[name]
            if isinstance(message, VoiceError):
                told.append(stand.rest(message))
            else:
                stand.pause = PAUSES[0]
                told.append(message)
        if told:
            pipe.send(tuple(told))


def _heard(pipe: Connection, stands: Mapping[str, Stand]) -> list[Steering]:
    """The newest Steering of each that came; waits while nobody has anything to say."""
    newest: dict[str, Steering] = {}
    wait: float | None = 0.0
    if not any(stand.due for stand in stands.values()):
        resting = [stand.rested for stand in stands.values() if stand.rested]
        wait = max(0.0, min(resting) - time.monotonic()) if resting else None
        while not pipe.poll() and _prepared(stands):
            pass
    while pipe.poll(wait):
        steering: Steering = pipe.recv()
        newest[steering.voice] = steering
        wait = 0.0
    return [*newest.values()]


def _prepared(stands: Mapping[str, Stand]) -> bool:
    """Whether one of them has made use of the time, and there may be more to do. Once one has begun."""
    begun = any(stand.turn >= 0 for stand in stands.values())
    return begun and any(
        isinstance(stand.voice, Prepares) and stand.voice.prepare() for stand in stands.values()
    )
