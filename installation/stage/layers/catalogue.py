"""Every look that exists: a look is one file and one row here. Nothing here imports pygame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from installation.show.parameter import Settings
from installation.stage.layers import (
    breath,
    confluence,
    constellation,
    drum,
    ghosts,
    label,
    loom,
    palimpsest,
    spectrum,
    strata,
    superposition,
)
from installation.stage.layers.view import Draw


class Look(NamedTuple):
    """What may be set on it, and the pure function that draws it."""

    settings: type[Settings]
    draw: Draw


LOOKS: Mapping[str, Look] = {
    "palimpsest": Look(palimpsest.Palimpsest, palimpsest.draw),
    "ghosts": Look(ghosts.Ghosts, ghosts.draw),
    "constellation": Look(constellation.Constellation, constellation.draw),
    "loom": Look(loom.Loom, loom.draw),
    "confluence": Look(confluence.Confluence, confluence.draw),
    "superposition": Look(superposition.Superposition, superposition.draw),
    "breath": Look(breath.Breath, breath.draw),
    "strata": Look(strata.Strata, strata.draw),
    "drum": Look(drum.Drum, drum.draw),
    "spectrum": Look(spectrum.Spectrum, spectrum.draw),
    "label": Look(label.Label, label.draw),
}
LAYERS: Mapping[str, type[Settings]] = {kind: look.settings for kind, look in LOOKS.items()}
