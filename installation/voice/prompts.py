"""The prompts before a voice's text: which of them count, how much, and which may come."""

from __future__ import annotations

from installation.messages import Steering
from installation.voice.blend import Blend
from installation.voice.context import Tokens
from installation.voice.scroll import Scroll
from installation.voice.writing import Tongue


class Prompts:
    """Those of the voice `name`, each of `most` tokens at most, read by `blend`; what the voice wears is
    known here because its bank keeps prompts by it."""

    def __init__(self, blend: Blend, name: str, most: int) -> None:
        self._blend, self._name, self._most = blend, name, most
        self._repertoire: tuple[str, ...] = ()
        self._worn = ""
        self.begin()

    def begin(self) -> None:
        """Another text begins: nothing stands before it yet."""
        self._texts: tuple[str, ...] = ()
        self._ids: list[Tokens] = []
        self.longest: Tokens = ()
        self._blend.begin()

    def read(self, steering: Steering, tongue: Tongue, scroll: Scroll) -> None:
        """Read these from now on, and let each count for its weight. While one of them stays, so does the
        text that the model sees."""
        if steering.repertoire != self._repertoire:
            self._repertoire = steering.repertoire
            self._open(tongue)
        texts = steering.prompts or (steering.prompt,)
        if texts != self._texts:
            before = set(self._blend.shares) if self._texts else set()
            self._texts, self._ids = texts, [tongue.prompt(text, self._most) for text in texts]
            longest = max(self._ids, key=len)
            if before & set(self._ids):
                scroll.retitle(self.longest, longest)
            self.longest = longest
        shares = dict.fromkeys(self._ids, 0.0)
        for prompt, weight in zip(self._ids, steering.weights or (1.0,), strict=True):
            shares[prompt] += weight
        self._blend.read(shares)

    def wear(self, adapter: str, tongue: Tongue) -> None:
        """Read as the model that wears this adapter."""
        if adapter != self._worn:
            self._worn = adapter
            self._blend.age()
            self._open(tongue)

    def _open(self, tongue: Tongue) -> None:
        """Have the prompts of the show read beforehand."""
        prompts = [tongue.prompt(text, self._most) for text in self._repertoire]
        self._blend.bank.open(self._name, prompts, self._worn)
