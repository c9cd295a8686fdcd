"""Shows written in a line or two, and a small catalogue that no other room can change."""

from pathlib import Path
from textwrap import dedent
from typing import Literal

import pytest
from hypothesis import HealthCheck, settings

from installation.errors import ShowErrors
from installation.show.check import Catalogue, read
from installation.show.parameter import Settings, fixed, live

settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")  # a busy machine is no fault of an expression


class Lantern(Settings):
    """A look for tests."""

    size: float = fixed(9.0, "Height", ge=2, le=40)
    rows: int = fixed(3, "Rows", ge=1, le=9)
    ink: Literal["ivory", "slate", "sea"] = live("ivory", "Colour")
    glow: float = live(1.0, "Light", ge=0, le=3)
    flicker: bool = live(True, "Unsteady")


class Ghosts(Settings):
    """Another look for tests."""

    rise: float = live(1.0, "Height", ge=0, le=4)
    size: float = live(3.0, "Letters", ge=1, le=12)


class Speaker(Settings):
    """A voice for tests."""

    model: str = fixed("house", "Model")
    seed: str = fixed("day", "Seed")
    bias: dict[str, float] = fixed({}, "Bias")
    forbidden: tuple[str, ...] = fixed((), "Never")
    temperature: float = live(0.8, "Heat", ge=0, le=2)
    pace: float = live(4.0, "Speed", ge=0, le=60)


SMALL = Catalogue(layers={"lantern": Lantern, "ghosts": Ghosts}, voices={"spoken": Speaker})

FRAME = """\
title: Test
signals:
  tide: {from: osc /tide, range: [0, 4]}
  touch: {from: osc /touch, kind: event}
  whisper: {from: keys, kind: text}
scenes:
  ebb: {prompt: the sea, layers: [lantern, {ghosts: {rise: 1}}]}
  flood: {prompt: the flood, layers: [lantern]}
"""


@pytest.fixture
def small() -> Catalogue:
    return SMALL


@pytest.fixture
def written(tmp_path):
    """Writes a show file and returns its path."""

    def write(text: str, venue: str | None = None) -> Path:
        (tmp_path / "show.yaml").write_text(dedent(text), encoding="utf-8")
        if venue is not None:
            (tmp_path / "venue.yaml").write_text(dedent(venue), encoding="utf-8")
        return tmp_path / "show.yaml"

    return write


@pytest.fixture
def show_of(written):
    """The checked show of a text."""
    return lambda text, venue=None: read(written(text, venue), SMALL)


@pytest.fixture
def framed(show_of):
    """The checked show of some lines below a frame with three signals and two scenes."""
    return lambda text="", venue=None: show_of(FRAME + dedent(text), venue)


@pytest.fixture
def faults_of(written):
    """The faults of a text, without the file's name; `[]` when there are none."""

    def faults(text: str, venue: str | None = None) -> list[str]:
        path = written(text, venue)
        try:
            read(path, SMALL)
        except ShowErrors as errors:
            return [str(fault).replace(f"{path.parent}/", "") for fault in errors.faults]
        return []

    return faults


@pytest.fixture
def faults_below(faults_of):
    """The faults of some lines below the frame: where, what and right, without file and line."""

    def faults(text: str, venue: str | None = None) -> list[str]:
        return [fault.split(": ", 1)[1] for fault in faults_of(FRAME + dedent(text), venue)]

    return faults
