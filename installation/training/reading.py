"""Read what a model says, and count what can be counted: `python -m installation.training.reading FOLDER`."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from installation.training import corpus, grammar
from installation.training.lexicon import Lexicon
from installation.training.lexicon import load as load_lexicon

PROMPTS = (
    "the sea at night",
    "the flood",
    "a door in the dark",
    "low tide",
    "Hello",
    "I am afraid",
    "a poem about rain",
    "the lamp and the gull",
    "describe the bridge",
    "Who are you?",
)
OTHERS = "mammal container tool building garment"
"""Classes whose first twelve nouns are tried as prompts, besides the corpus's topics."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def speak(
    model: Any,
    tokenizer: Any,
    prompt: str,
    length: int,
    *,
    heat: float = 0.7,
    top_p: float = 0.95,
    seed: int = 1,
) -> Iterator[str]:
    """`length` tokens as texts, one at a time: the prompt stays, the text rolls on, an end is passed over.

    Sampled with temperature `heat` from the `top_p` share of the probability."""
    import torch

    form = json.loads((Path(model.name_or_path) / "installation.json").read_text(encoding="utf-8"))
    head = tokenizer.encode(form["prompt_format"].format(prompt=prompt), add_special_tokens=False)
    chance = torch.Generator().manual_seed(seed)
    room = model.config.n_positions
    said: list[int] = []
    past: Any = None
    fresh = head
    for _ in range(length):
        if len(head) + len(said) >= room:
            said = said[-room // 2 :]
            past, fresh = None, head + said
        with torch.no_grad():
            out = model(torch.tensor([fresh]), past_key_values=past, use_cache=True)
        past = out.past_key_values
        odds = torch.softmax(out.logits[0, -1].float() / heat, 0)
        ranked, order = odds.sort(descending=True)
        ranked[ranked.cumsum(0) - ranked > top_p] = 0
        token = int(order[torch.multinomial(ranked, 1, generator=chance)])
        said.append(token)
        fresh = [token]
        yield "" if token == tokenizer.eos_token_id else tokenizer.decode([token])


def sentences(text: str, least: int = 6) -> list[str]:
    """The sentences of at least `least` words."""
    parts = _SENTENCE.split(text.replace("\n", " "))
    return [" ".join(part.split()) for part in parts if len(part.split()) >= least and part[-1] in ".!?"]


def verbatim(texts: Sequence[str], documents: Sequence[corpus.Document]) -> float:
    """The share of sentences of six words or more that stand in the documents word for word."""
    known = {sentence for document in documents for sentence in sentences(document.text)}
    found = [sentence in known for text in texts for sentence in sentences(text)]
    return sum(found) / max(1, len(found))


def overlap(texts: Sequence[str], documents: Sequence[corpus.Document], size: int = 8) -> float:
    """The share of runs of `size` words that stand in the documents."""

    def runs(text: str) -> list[tuple[str, ...]]:
        words = re.findall(r"[a-z']+", text.lower())
        return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]

    known = {run for document in documents for run in runs(document.text)}
    found = [run in known for text in texts for run in runs(text)]
    return sum(found) / max(1, len(found))


def framed(texts: Sequence[str], frames: Sequence[str]) -> float:
    """The share of sentences of six words or more that are one of the grammar's frames, rightly filled."""
    parts = sorted({part for frame in frames for part in _SENTENCE.split(frame.replace("/", " "))})
    known = re.compile("|".join(map(shape, parts)), re.IGNORECASE)
    found = [bool(known.fullmatch(sentence)) for text in texts for sentence in sentences(text)]
    return sum(found) / max(1, len(found))


def shape(frame: str) -> str:
    """A pattern of all fillings of `frame`."""
    words = re.escape(re.sub(r"{\w+}", "_slot_", frame)).replace("_slot_", r"[\w-]+")
    return "(?:" + re.sub(r"\b([Aa])n?\b", r"\1n?", words) + ")"


def obeys(text: str, noun: str, lexicon: Lexicon) -> bool:
    """Whether `noun` is in the text, singular or plural."""
    words = set(re.findall(r"[a-z]+", text.lower()))
    known = lexicon.forms.get(noun)
    return bool(words & ({noun, noun + "s"} | ({known.singular, known.plural or noun} if known else set())))


def repeats(text: str, within: int = 200) -> int:
    """Sentences of six words that come again within so many words."""
    last: dict[str, int] = {}
    place = count = 0
    for sentence in sentences(text, 1):
        words = len(sentence.split())
        if words >= 6:
            count += place - last.get(sentence, -within - 1) <= within
            last[sentence] = place
        place += words
    return count


def main(arguments: list[str] | None = None) -> None:
    """Print samples and figures."""
    import sys

    from transformers import AutoModelForCausalLM, AutoTokenizer

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--heat", type=float, default=0.7, help="temperature")
    parser.add_argument("--each", type=int, default=4, help="samples of each prompt")
    parser.add_argument("--prompts", nargs="*", default=PROMPTS)
    given = parser.parse_args(arguments)
    model: Any = AutoModelForCausalLM.from_pretrained(str(given.folder), dtype="float32")
    model.eval()
    tokenizer = AutoTokenizer.from_pretrained(str(given.folder))
    documents, lexicon = corpus.load(), load_lexicon()
    out = sys.stdout.write
    texts = []
    for prompt in given.prompts:
        for seed in range(given.each):
            text = "".join(speak(model, tokenizer, prompt, 90, heat=given.heat, seed=seed))
            texts.append(text)
            out(f"[{prompt}]{text}\n\n")
    topics = sorted({document.topic for document in documents})
    others = [noun for kind in OTHERS.split() for noun in (n.singular for n in lexicon.nouns[kind][:12])]

    def named(nouns: Sequence[str]) -> float:
        said = ("".join(speak(model, tokenizer, f"the {noun}", 60, heat=given.heat)) for noun in nouns)
        return sum(obeys(text, noun, lexicon) for text, noun in zip(said, nouns, strict=True)) / len(nouns)

    long = "".join(speak(model, tokenizer, given.prompts[0], 1200, heat=given.heat))
    out(f"endless: {long}\n\n")
    out(f"figure verbatim_sentences {verbatim([*texts, long], documents):.3f}\n")
    out(f"figure framed_sentences {framed([*texts, long], grammar.sentences()):.3f}\n")
    out(f"figure overlap_8gram {overlap([*texts, long], documents):.3f}\n")
    out(f"figure topic_named {named(topics):.3f}\n")
    out(f"figure other_named {named([noun for noun in others if noun not in topics]):.3f}\n")
    out(f"figure repeats_1200 {repeats(long)}\n")


if __name__ == "__main__":
    main()
