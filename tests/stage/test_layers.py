import subprocess
import sys

from installation.show.parameter import is_live, span
from installation.stage.layers.catalogue import LAYERS


def test_the_catalogue_imports_without_anything_that_draws():
    program = (
        "import sys, installation.stage.layers.catalogue\n"
        "print([m for m in ('pygame', 'numpy', 'torch', 'fontTools') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_every_live_number_has_a_range_and_every_field_a_description():
    for kind, settings in LAYERS.items():
        for name, field in settings.model_fields.items():
            assert field.description, f"{kind}.{name}"
            if is_live(field) and field.annotation is float:
                assert span(field) is not None, f"{kind}.{name}"


def test_the_default_settings_are_within_their_ranges():
    for settings in LAYERS.values():
        assert settings.model_validate(settings().model_dump()) == settings()
