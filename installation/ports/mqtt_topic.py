"""What an MQTT message says: topics and payloads become signals, values become payloads. Pure.

Commands of a wall named `wall` are the topics `installation/wall/go`, `panic`, `blank`, `scene`,
`cue`, `mark`, `release`, `applause`, `layer/NAME/PARAMETER` and `voice/NAME/PARAMETER`; they become
signals with the addresses that OSC uses, `/installation/go` and so on.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Union

from installation.messages import Signal, Value

LONGEST_PAYLOAD = 65_536
"""Bytes; longer ones are refused unread."""
MOST_VALUES = 64
LONGEST_TOPIC = 1024
COMMANDS = {
    "go": "event",
    "panic": "event",
    "blank": "event",
    "applause": "event",
    "scene": "name",
    "cue": "name",
    "mark": "name",
    "release": "name",
    "layer/#": "value",
    "voice/#": "value",
}
BREAKS = {"interrupt": "event", "rewind": "event", "fork": "event"}
"""What stands behind a voice's name and is no parameter: each one counts."""
Payload = Union[Value, Sequence[Value], Mapping[str, Any], bytes, None]
Clean = Callable[[str], "str | None"]
_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,5})?")
_UNREAL = frozenset({"nan", "inf", "infinity"})
_SWITCH = {"true": True, "false": False}


class Subscription(NamedTuple):
    """A topic, the path into its JSON (`level.now`, list items by number), and the signal's kind.

    `kind`: `value` (the latest number counts), `event`, `text` (never read as a number), `` unknown."""

    topic: str
    path: str | None = None
    kind: str = ""

    @property
    def address(self) -> str:
        """What a show file writes after `mqtt`."""
        return f"{self.topic} {self.path}" if self.path else self.topic


class Refused(Exception):
    """A payload that becomes no signal. `kind` is counted, the text is a sentence about this one."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


class Heard(NamedTuple):
    """What one message says. `latest`: a newer signal of the same address may take its place."""

    signal: Signal
    latest: bool


class Topics:
    """The topics that a wall listens to: what to subscribe to, and what a message on one of them says."""

    def __init__(self, wall: str, subscriptions: Iterable[Sequence[str | None]] = ()) -> None:
        self.home = f"installation/{wall}"
        self._read: dict[str, list[Subscription]] = {}
        for subscription in map(_subscription, subscriptions):
            if subscription not in self._read.setdefault(subscription.topic, []):
                self._read[subscription.topic].append(subscription)

    @property
    def filters(self) -> dict[str, int]:
        """What to subscribe to, and at which quality of service: 1 for what must not be lost."""
        wanted = {f"{self.home}/{verb}": 1 for verb in COMMANDS}
        for topic, subscriptions in self._read.items():
            wanted[topic] = 0 if all(s.kind == "value" for s in subscriptions) else 1
        return wanted

    def hear(
        self, topic: str, payload: bytes, retained: bool, now: float, sender: str, clean: Clean
    ) -> tuple[list[Heard], list[Refused]]:
        """The signals of one message, and why others were refused."""
        heard: list[Heard] = []
        refused: list[Refused] = []
        for address, subscription in self._readers(topic):
            try:
                values, private = read(payload, subscription, clean)
            except Refused as reason:
                refused.append(reason)
                continue
            numbers = bool(values) and not any(isinstance(value, str) for value in values)
            signal = Signal(now, "mqtt", address, values, sender, retained, private)
            heard.append(Heard(signal, numbers and subscription.kind in {"", "value"}))
        return heard, refused

    def _readers(self, topic: str) -> Iterator[tuple[str, Subscription]]:
        for subscription in self._read.get(topic, ()):
            yield subscription.address, subscription
        if topic.startswith(self.home + "/"):
            verb = topic[len(self.home) + 1 :]
            kind = BREAKS.get(verb.rpartition("/")[2]) if verb.startswith("voice/") else None
            kind = kind or COMMANDS.get(verb) or COMMANDS.get(verb.partition("/")[0] + "/#")
            if kind:
                yield f"/installation/{verb}", Subscription(topic, None, kind)


def _subscription(given: Sequence[str | None]) -> Subscription:
    subscription = Subscription(*given)  # type: ignore[arg-type]  # a plain pair is welcome too
    if not sound(subscription.topic):
        raise ValueError(f"{subscription.topic!r} is no topic to listen to; name one without + and #")
    return subscription


def sound(topic: str) -> bool:
    """Whether one can publish to it: not empty, no wildcards, no control characters, not too long."""
    return bool(topic) and topic.isprintable() and not set(topic) & {"+", "#"} and len(topic) <= LONGEST_TOPIC


def read(payload: bytes, subscription: Subscription, clean: Clean) -> tuple[tuple[Value, ...], bool]:
    """The values in a payload, and whether they hold a visitor's words. Raises Refused.

    A payload is JSON where a path is given; else a number, true or false, a flat JSON list of
    those, or text. An empty one has no values."""
    if len(payload) > LONGEST_PAYLOAD:
        raise Refused(
            "too long", f"{len(payload)} bytes on {subscription.topic}; {LONGEST_PAYLOAD} is the limit"
        )
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError as error:
        raise Refused("not text", f"no UTF-8 on {subscription.topic}: {error.reason}") from None
    if subscription.path:
        found: Any = _follow(_parsed(text, subscription.topic), subscription)
    elif not text:
        return (), False
    elif subscription.kind in {"text", "name"}:
        found = _quoted(text)
    else:
        found = _plain(text, subscription)
    items = found if isinstance(found, list) else [found]
    if len(items) > MOST_VALUES:
        raise Refused("malformed", f"{len(items)} values on {subscription.topic}; {MOST_VALUES} is the limit")
    values = tuple(_value(item, subscription, clean) for item in items)
    private = subscription.kind != "name" and any(isinstance(value, str) for value in values)
    return values, private


def _plain(text: str, subscription: Subscription) -> Any:
    if _NUMBER.fullmatch(text):
        return float(text)
    if text[0] in '[{"':
        return _parsed(text, subscription.topic)
    if text.lower().lstrip("+-") in _UNREAL:
        raise Refused("not a number", f"{text[:20]} on {subscription.topic}")
    return _SWITCH.get(text.lower(), text)


def _quoted(text: str) -> Any:
    """A text as it was meant: senders that speak JSON put it in quotes."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _parsed(text: str, topic: str) -> Any:
    try:
        return json.loads(text, parse_constant=_unreal)
    except RecursionError:
        raise Refused("malformed", f"JSON nested too deep on {topic}") from None
    except ValueError as error:
        raise Refused("malformed", f"no JSON on {topic}: {str(error)[:80]}") from None


def _unreal(constant: str) -> float:
    return float(constant)  # `_value` refuses it where it is asked for


def _follow(found: Any, subscription: Subscription) -> Any:
    for step in (subscription.path or "").split("."):
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and step.isdecimal() and len(step) < 6 and int(step) < len(found):
            found = found[int(step)]
        else:
            raise Refused("no such path", f"nothing at {subscription.path} on {subscription.topic}")
    return found


def _value(item: Any, subscription: Subscription, clean: Clean) -> Value:
    if isinstance(item, bool):
        return str(item).lower() if subscription.kind in {"text", "name"} else item
    if isinstance(item, (int, float)):
        return _text_or_number(item, subscription)
    if isinstance(item, str):
        cleaned = clean(item)
        if cleaned is None:
            raise Refused("text", f"the word filter refused a text on {subscription.topic}")
        return cleaned
    what = "null" if item is None else "an object" if isinstance(item, dict) else "a list in a list"
    raise Refused("malformed", f"{what} on {subscription.topic}; a path after the topic can reach into it")


def _text_or_number(item: float, subscription: Subscription) -> Value:
    try:
        number = float(item)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Refused("not a number", f"{str(number)[:20]} on {subscription.topic}")
    return f"{item:g}" if subscription.kind in {"text", "name"} else number


def payload_of(values: Payload) -> bytes:
    """What is sent: text as it is, one number bare, true or false, several values as a JSON list.

    Raises ValueError for NaN and infinity."""
    if values is None or isinstance(values, (bytes, str)):
        return values.encode("utf-8", "replace") if isinstance(values, str) else values or b""
    if isinstance(values, Sequence):
        if len(values) == 1:
            return payload_of(values[0])
        values = list(values)
        if not values:
            return b""
    return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
