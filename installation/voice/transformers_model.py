"""A voice over any causal language model of the `transformers` library, by folder or Hugging Face id.

torch and transformers are imported when the model is loaded, in the voice's own process.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from installation.errors import VoiceError
from installation.messages import VoiceNews
from installation.voice.adapters import Adapters
from installation.voice.card import Card, CardPair
from installation.voice.catalogue import ALL, resolve
from installation.voice.decoder import Decoder
from installation.voice.device_decoder import DeviceDecoder
from installation.voice.engine import Engine
from installation.voice.families import shape_of
from installation.voice.form import form_of
from installation.voice.lean_forward import LeanForward
from installation.voice.matrices import matrix_of
from installation.voice.merging import DecoderGround, Ground, LibraryGround
from installation.voice.model_voice import ModelVoice
from installation.voice.pair import texts_for
from installation.voice.projection import Floats, places
from installation.voice.tongue import LibraryTongue, ends_of
from installation.voice.vectors import layer_of, leans
from installation.voice.weights import device_of, fetch, first_line, model_hash

LONGEST_CONTEXT = {"cpu": 512, "mps": 1024, "cuda": 2048}
"""Most tokens a model reads at once: on a CPU a context is read anew within about half a second."""

FORMS = {"auto": "auto", "float16": "float16", "float32": "float32", "int8": "int8"}
"""What our own decoder's matrices are by `dtype`, on a CPU (see matrices). `auto` takes what is quickest
for a matrix of its size, which for all but the smallest are int8 weights, or float16 ones. Measured on one
core: a GPT-2 of 124 M is 1.2 to 1.5 times as quick as in float16, the house model beside other programs 1.5
times as in float32; it then loses 3.6330 nats a token of its corpus instead of 3.6327."""


class TransformersVoice(ModelVoice):
    """The Voice protocol over `transformers`; see voice.Factory for the arguments."""

    def load(self) -> VoiceNews:
        """Fetch model and tokenizer; see Voice.load."""
        place = resolve(str(self._settings["model"]), self._folder)[1]
        device = device_of(str(self._settings.get("device", "auto")))
        dtype = str(self._settings.get("dtype", "auto"))
        lean = device == "cpu" and dtype in FORMS
        model, tokenizer = fetch(place, device, "stored" if lean else dtype)
        # a model may have places for more tokens than its tokenizer knows, and the other way round
        vocabulary = min(model.get_input_embeddings().num_embeddings, max(tokenizer.get_vocab().values()) + 1)
        ends = ends_of(model, tokenizer, vocabulary)
        form = form_of(place)
        tongue = LibraryTongue(tokenizer, vocabulary, ends, form.prompt_format, self._chat(), form)
        forward: LeanForward | CardPair | LibraryForward
        if lean and shape_of(model.config):
            decoder = decoder_of(model, FORMS[dtype])
            forward = LeanForward(decoder, vocabulary)
            ground: Ground = DecoderGround(decoder, model, partial(matrix_of, form=FORMS[dtype]))
        elif device.startswith("cuda") and shape_of(model.config):
            vectors = self._settings.get("vectors") or {}
            card = card_of(model, vocabulary, device, sorted(tongue.never), vectors, self.company)
            forward, ground = CardPair(card), DecoderGround(card.decoder, model, card.decoder.packed)
        else:
            model = model.float() if lean else model
            forward, ground = LibraryForward(model, vocabulary, device), LibraryGround(model)
        tells: tuple[str, ...] = ()
        spots = None
        if self._settings.get("inner", "on") == "on":
            spots, tells = places_of(model, vocabulary, form.common), ("place",)
            if isinstance(forward, LeanForward):
                tells = forward.watch(self._settings.get("attention_layer", "auto")) + tells
        engine = Engine(forward, tongue, self._name, places=spots)
        if adapters := self._adapters(ground):
            engine.dress(adapters)
        self._take_up(engine)
        return VoiceNews(
            self._name, "ready", f"{place} on {device}", device, model_hash(place), forward.limit,
            (*ALL, *leans(forward), "adapter", "logprobs", *tells),
        )  # fmt: skip

    def _adapters(self, ground: Ground) -> Adapters | None:
        """The adapters that the show may ask for, the voice's own worn already; None where it names none."""
        own = str(self._settings.get("adapter", ""))
        names = dict.fromkeys([own, *self._settings.get("adapters", ())])
        folders = {name: self._folder / name for name in names if name}
        if not folders:
            return None
        adapters = Adapters(ground, folders)
        adapters.want(own)
        while adapters.worn != own:
            adapters.prepare()
        return adapters

    def _chat(self) -> bool:
        return bool(self._settings.get("chat", "auto") == "auto")


def places_of(model: Any, vocabulary: int, common: Sequence[int] = ()) -> Floats:
    """Each token's place in a projection of the embedding."""
    tokens = model.get_input_embeddings().weight.detach()
    return places(lambda part: tokens[part].float().cpu().numpy(), vocabulary, common)


def decoder_of(model: Any, form: str) -> Decoder:
    """Our own decoder with one row to speak and one to read ahead; says so where it cannot be made."""
    try:
        return Decoder(model, rows=2, limit=LONGEST_CONTEXT["cpu"], form=form)
    except RuntimeError as error:
        raise VoiceError(f"the model's weights do not fit this machine: {first_line(error)}") from error


def card_of(
    model: Any,
    vocabulary: int,
    device: str,
    never: Sequence[int],
    vectors: Mapping[str, Any] | None = None,
    company: int = 1,
) -> Card:
    """Our own decoder on a graphics card for so many voices: everything is recorded that will be replayed,
    with the layers that these vectors push. Takes seconds."""
    try:
        decoder = DeviceDecoder(
            model, rows=texts_for(company), limit=LONGEST_CONTEXT["cuda"], vocabulary=vocabulary, device=device,
            dtype=model.dtype,
        )  # fmt: skip
        count = decoder.shape.layers
        decoder.pushed = frozenset(layer_of(name, v["layer"], count) for name, v in (vectors or {}).items())
        card = Card(decoder, never)
        card.steps.prepare()
    except RuntimeError as error:
        raise VoiceError(f"the model does not fit this card: {first_line(error)}") from error
    return card


class LibraryForward:
    """The library's own forward over a key-value cache that only grows and is cropped."""

    def __init__(self, model: Any, vocabulary: int, device: str) -> None:
        import torch

        self._torch, self._model, self._device = torch, model, device
        self._vocabulary = vocabulary
        config = model.config.get_text_config(decoder=True)
        kind = device.partition(":")[0]
        most = LONGEST_CONTEXT.get(kind, 1024)
        self.limit = min(most, getattr(config, "max_position_embeddings", None) or most)
        layers = set(getattr(config, "layer_types", None) or ["full_attention"])
        # windows of attention are the mask's business; a cache that holds everything can be cropped
        self._plain = layers <= {"full_attention", "sliding_attention", "chunked_attention"}
        takes = inspect.signature(model.forward).parameters
        if "past_key_values" not in takes:
            raise VoiceError(f"{config.model_type}: models without a key-value cache do not speak here")
        self._options: dict[str, Any] = {"logits_to_keep": 1} if "logits_to_keep" in takes else {}
        self._cache: Any = None
        self._length = 0
        self._blocks = _blocks(model, config.num_hidden_layers)
        self.layers = len(self._blocks)
        self._leant: dict[int, Any] = {}

    def stream(self, ids: Sequence[int], layer: int) -> Any:
        """What stands in the stream after a layer at each of `ids`; see vectors.Leans."""
        found: list[Any] = []
        hook = self._blocks[layer].register_forward_hook(lambda _, _given, out: found.append(_stream(out)))
        try:
            self.crop(0)
            self.run(ids)
        finally:
            hook.remove()
        self.crop(0)
        return found[0][0].float().cpu().numpy()

    def lean(self, pushes: Mapping[int, Any]) -> None:
        """Add these to the stream from now on; see vectors.Leans."""
        torch = self._torch
        dtype = next(self._model.parameters()).dtype
        self._leant = {
            layer: torch.from_numpy(push).to(self._device, dtype) for layer, push in pushes.items()
        }

    @contextlib.contextmanager
    def _leaning(self) -> Iterator[None]:
        """While this forward runs: another voice may share the model."""
        hooks = [
            self._blocks[layer].register_forward_hook(partial(_leant, push), prepend=True)
            for layer, push in self._leant.items()
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def another(self) -> LibraryForward:
        """The same model with a cache of its own: several prompts are read one after the other."""
        other = copy.copy(self)
        other._cache, other._length, other._leant = None, 0, {}
        return other

    def fill(self, ids: Sequence[int]) -> None:
        """Read `ids`."""
        self.run(ids)

    def run(self, ids: Sequence[int]) -> Any:
        """Read `ids`; the logits of the next token. Tokens beyond the tokenizer's have no logit."""
        torch = self._torch
        if self._cache is None:
            self._cache = self._new_cache()
        try:
            with torch.inference_mode(), self._leaning():
                out = self._model(
                    input_ids=torch.tensor([list(ids)], device=self._device),
                    past_key_values=self._cache, use_cache=True, **self._options,
                )  # fmt: skip
        except (RuntimeError, IndexError) as error:  # out of memory, a kernel that the device lacks
            raise VoiceError(f"the model cannot go on: {first_line(error)}") from error
        self._length += len(ids)
        return out.logits[0, -1, : self._vocabulary].float()

    def crop(self, length: int) -> int:
        """Keep the first `length` tokens; a memory that cannot go back forgets all. How many are left."""
        surplus = self._length - length
        if surplus > 0 and self._plain and length:
            self._cache.crop(-surplus)  # the library takes negative lengths only
            self._length = length
        elif surplus > 0:
            self._cache, self._length = None, 0
        return self._length

    def _new_cache(self) -> Any:
        from transformers import DynamicCache

        return DynamicCache() if self._plain else DynamicCache(config=self._model.config)


def _blocks(model: Any, count: int) -> list[Any]:
    """The layers of a model whose code is not known here: the one list of modules that has so many."""
    from torch.nn import ModuleList

    lists = [module for module in model.modules() if isinstance(module, ModuleList) and len(module) == count]
    return list(lists[0]) if lists else []


def _stream(out: Any) -> Any:
    """The stream in what a layer gives: (1, tokens, width)."""
    return out[0] if isinstance(out, tuple) else out


def _leant(push: Any, _module: Any, _given: Any, out: Any) -> Any:
    """What a layer gives, pushed."""
    moved = _stream(out) + push
    return (moved, *out[1:]) if isinstance(out, tuple) else moved
