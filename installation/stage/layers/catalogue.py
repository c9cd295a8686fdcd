"""Every look that exists: a look is one file and one row here. Imports settings only, no pygame."""

from __future__ import annotations

from collections.abc import Mapping

from installation.show.parameter import Settings
from installation.stage.layers.ghosts import Ghosts
from installation.stage.layers.palimpsest import Palimpsest

LAYERS: Mapping[str, type[Settings]] = {
    "palimpsest": Palimpsest,
    "ghosts": Ghosts,
}
