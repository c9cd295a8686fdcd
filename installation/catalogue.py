"""What exists: the looks and the voices that a show may name."""

from __future__ import annotations

from installation.show.check import Catalogue
from installation.stage.layers.catalogue import LAYERS
from installation.voice.catalogue import VOICES, fault, resolve

CATALOGUE = Catalogue(
    layers=LAYERS,
    voices={name: kind.settings for name, kind in VOICES.items()},
    resolve=resolve,
    fault=fault,
    adapting=frozenset({"transformers"}),
)
