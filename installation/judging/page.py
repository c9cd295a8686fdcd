"""The verdict as one page of HTML that needs nothing else: to read, to print, to lay beside a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from installation.judging import drawing
from installation.judging.confusion import Confusion
from installation.judging.figures import FIGURES, SHARE, Figure
from installation.judging.levels import Level
from installation.judging.questions import LENGTH
from installation.judging.questions import PARAGRAPH as MOST
from installation.judging.records import Record
from installation.judging.sheet import SHEET
from installation.judging.verdict import Verdict

STREAM = 900
"""Words of the endless text that are shown."""
RECORDS = 6
Section = tuple[str, str, str]
"""(name, heading, HTML); without HTML it is left out."""


def page(verdict: Verdict, others: Sequence[Verdict] = ()) -> str:
    """The whole page. `others` were judged in the same way and stand beside it in the table."""
    sections: list[Section] = [
        ("figures", "All figures", _table(verdict, others)),
        ("how", "What was asked, and how", _how(verdict)),
        ("styles", "Styles", _confusion(verdict)),
        ("controls", "Energy, warmth, length", _levels(verdict.levels)),
        ("records", "Descriptions and their records", _records(verdict.records)),
        ("training", "Training", _losses(verdict)),
        ("samples", "Samples", _samples(verdict)),
        ("missed", "Visitors’ lines that were missed", _missed(verdict)),
        ("endless", "The endless text", _stream(verdict)),
    ]
    shown = [section for section in sections if section[2]]
    links = " ".join(f'<a href="#{name}">{escape(title)}</a>' for name, title, _ in shown)
    body = "".join(
        f'<section id="{name}"><h2>{escape(title)}</h2>{text}</section>' for name, title, text in shown
    )
    quick = " A quick look: a quarter of what is usually asked, or less." if verdict.quick else ""
    told = f"{escape(verdict.model)} · {escape(verdict.hash)} · seed {verdict.seed}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Judged: {escape(verdict.model)}</title><style>{SHEET}</style></head><body>"
        f"<header><h1>{escape(_name(verdict))}, judged</h1>"
        f'<p class="small">{told}.{quick}</p><nav>{links}</nav></header>'
        f'<main><div class="cards">{_cards(verdict)}</div>{body}</main></body></html>\n'
    )


def _name(verdict: Verdict) -> str:
    return verdict.model.rstrip("/").rpartition("/")[2] or verdict.model


def _cards(verdict: Verdict) -> str:
    """One for every figure that has a goal."""
    cards = []
    for figure in FIGURES:
        if not figure.goal() or figure.name not in verdict.figures:
            continue
        value = verdict.figures[figure.name]
        reached = figure.reached(value)
        told = {True: ("yes", "reached"), False: ("no", "not reached"), None: ("", "does not apply")}[reached]
        bar = ""
        if figure.unit == SHARE and value is not None:
            bar = drawing.gauge(value, figure.least if figure.least is not None else figure.most)
        cards.append(
            f'<div class="card"><b class="{told[0]}">{figure.written(value)}</b>'
            f'<span class="told">{escape(figure.short or figure.told)}</span>{bar}'
            f'<span class="goal">{figure.goal()} · <span class="{told[0]}">{told[1]}</span></span></div>'
        )
    return "".join(cards)


def _table(verdict: Verdict, others: Sequence[Verdict]) -> str:
    columns = [each.figures for each in (verdict, *others)]
    beside = verdict.baselines
    heading = [_name(each) for each in (verdict, *others)]
    heads = "".join(f"<th>{escape(name)}</th>" for name in (*heading, *(each.name for each in beside)))
    rows = []
    for figure in FIGURES:
        if not any(figure.name in each for each in columns):
            continue
        cells = "".join(_cell(figure, each.get(figure.name)) for each in columns)
        cells += "".join(f"<td>{figure.written(each.figures.get(figure.name))}</td>" for each in beside)
        rows.append(
            f'<tr><td class="name">{escape(figure.told)}<code>{figure.name}</code></td>'
            f'<td class="goal">{figure.goal()}</td>{cells}</tr>'
        )
    whys: dict[str, list[str]] = {}
    for name, why in verdict.missing.items():
        whys.setdefault(why, []).append(name)
    missing = "".join(f"<br>No {', '.join(names)}: {escape(why)}." for why, names in whys.items())
    return (
        f'<div class="wide"><table><thead><tr><th></th><th>goal</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
        '<p class="small">Hand-written: the held-out texts, compared with those trained on; their style is measured on '
        "the latter. Grammar: the frames filled as in the rows trained on. Shuffled: the same texts, the words of each "
        "in any order. "
        f"A dash: it does not apply, or was not measured.{missing}</p>"
    )


def _cell(figure: Figure, value: float | None) -> str:
    reached = figure.reached(value)
    colour = {True: "yes", False: "no", None: ""}[reached]
    return f'<td class="own {colour}">{figure.written(value)}</td>'


def _how(verdict: Verdict) -> str:
    told = [
        "The model is heard through the show’s own engine with the default settings of a voice: temperature 0.8, "
        "top-k 50, top-p 0.95, repetition 1.1. Nothing is chosen and nothing is asked twice.",
        f"Nouns: one text of {LENGTH} tokens for each, asked for in turn as “the sea”, “sea”, “tell me about the "
        "sea”, “a poem about the sea”. By chance: how often a noun stands in a text that was asked about another.",
        f"Styles: “[storm] the sea”; the first paragraph, at most {MOST} tokens, is heard by a classifier (softmax "
        "regression over words, pairs of words and shape) fitted on the held-out hand-written texts alone.",
        "A visitor’s line is answered in kind where one of the first three sentences is of the right kind.",
        "Word for word: sentences of six words and more, compared without capitals and punctuation, labels’ first "
        "lines left out; over the texts about nouns, the answers, the styles and the endless text together.",
        "What was trained on: as many rows as the model has seen are drawn again from the seeded stream. A sentence "
        "that was trained with a pointer counts as said, whichever word is in its place; prompts count as read, and "
        "a sentence cut off at a row’s end counts whole.",
        "Held-out texts: the loss after each text’s own prompt, with its pointers where the model has any. Only per "
        "word and per character can models with different tokens be compared.",
        "Likeness (self-BLEU) over the first 40 words of 64 texts; distinct pairs and packing over 3 000 words: for "
        "the model of its texts about nouns.",
    ]
    notes = "".join(f"<li>{escape(note)}.</li>" for note in verdict.notes)
    return f'<ol class="how">{"".join(f"<li>{escape(each)}</li>" for each in told)}{notes}</ol>'


def _confusion(verdict: Verdict) -> str:
    if verdict.heard_as is None:
        return ""
    beside = "".join(
        f"<figure><figcaption>{escape(each.name.capitalize())}</figcaption>{_heat(each.confusion)}</figure>"
        for each in verdict.baselines
        if each.name == "grammar"
    )
    sure = verdict.figures.get("classifier_accuracy")
    known = f" On the texts that were trained on it is right {100 * sure:.1f} % of the time." if sure else ""
    own = f"<figure><figcaption>{escape(_name(verdict))}</figcaption>{_heat(verdict.heard_as)}</figure>"
    return (
        "<p>Rows: the style asked for. Columns: the style that the classifier hears, in per cent of the row."
        f"{known}</p>"
        f'<div class="plots">{own}{beside}</div>'
    )


def _heat(confusion: Confusion) -> str:
    names = [*confusion.counts]
    rows = []
    for asked in names:
        row = confusion.counts[asked]
        total = sum(row.values()) or 1
        cells = []
        for heard in names:
            share = row.get(heard, 0) / total
            hit = ' class="hit"' if heard == asked else ""
            cells.append(f'<td{hit} style="--v:{share:.2f}">{f"{100 * share:.0f}" if share else ""}</td>')
        rows.append(f"<tr><th>{asked}</th>{''.join(cells)}</tr>")
    heads = "".join(f"<th>{name}</th>" for name in names)
    return (
        f'<div class="wide"><table class="heat"><thead><tr><th></th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _levels(levels: Sequence[Level]) -> str:
    if not levels:
        return ""
    energies = [each for each in levels if each.asked.startswith("energy")]
    warmths = [each for each in levels if each.asked.startswith("warmth")]
    sizes = [each for each in levels if each.asked in {"short", "long"}]

    def plot(
        title: str, some: Sequence[Level], of: Callable[[Level], Sequence[float]], unit: str = ""
    ) -> str:
        groups = [(each.asked.rpartition(" ")[2], of(each)) for each in some]
        below = some[0].asked.partition(" ")[0] + " asked for" if len(some) > 2 else "asked for"
        drawn = drawing.dots(groups, title, below, unit, 4 if "heard" in title else 0)
        return f"<figure><figcaption>{title}</figcaption>{drawn}</figure>"

    plots = []
    if energies:
        plots += [
            plot("Words in a sentence", energies, lambda each: each.words),
            plot("Sentences that exclaim", energies, lambda each: each.exclaims, "%"),
        ]
    if warmths:
        plots.append(plot("Warmth heard, 0 to 4", warmths, lambda each: each.warmths))
    if sizes:
        plots.append(plot("Words in the first paragraph", sizes, lambda each: each.paragraphs))
    return (
        "<p>Each dot is one text about another noun; the line is their mean.</p>"
        f'<div class="plots">{"".join(plots)}</div>'
    )


def _records(records: Sequence[Record]) -> str:
    shown = []
    for each in records[:RECORDS]:
        fields = each.found or {"not a record": each.text}
        rows = "".join(
            f"<dt>{escape(name)}</dt><dd>{escape(', '.join(value) if isinstance(value, list) else str(value))}</dd>"
            for name, value in fields.items()
        )
        shown.append(f'<div class="text"><div>{escape(each.description)}</div><dl>{rows}</dl></div>')
    return f'<div class="texts">{"".join(shown)}</div>' if shown else ""


def _losses(verdict: Verdict) -> str:
    def line(name: str) -> list[drawing.Point]:
        found = [each for each in verdict.losses if name in each and each.get("step")]
        return [(each["step"], each[name]) for each in found]

    series = [("in training", line("loss")), ("held-out texts", line("held"))]
    if not any(len(points) > 1 for _, points in series):
        return ""
    plot = drawing.curves(series, "loss over the steps of the training", "step")
    return f'<div class="plots one"><figure><figcaption>Loss, nats a token</figcaption>{plot}</figure></div>'


def _samples(verdict: Verdict) -> str:
    parts = []
    for style, texts in verdict.samples.items():
        told = "".join(_text(each.prompt, each.first()) for each in texts)
        parts.append(f'<h3>{escape(style)}</h3><div class="texts">{told}</div>')
    first = "<p>The first of every prompt, unedited; none was left out.</p>"
    return first + "".join(parts) if parts else ""


def _text(prompt: str, text: str) -> str:
    return f'<div class="text"><q>{escape(prompt)}</q><div>{escape(text.strip())}</div></div>'


def _missed(verdict: Verdict) -> str:
    told = "".join(_text(each.prompt, each.first()) for each in verdict.missed)
    return f'<div class="texts">{told}</div>' if told else ""


def _stream(verdict: Verdict) -> str:
    words = verdict.stream.strip().split(" ")
    if not verdict.stream.strip():
        return ""
    more = " …" if len(words) > STREAM else ""
    told = escape(" ".join(words[:STREAM]))
    return f'<p>How it begins, as it came.</p><div class="stream">{told}{more}</div>'
