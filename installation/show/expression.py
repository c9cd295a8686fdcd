"""Expressions of a show file: read once, checked, then evaluated many times a second.

Nothing of Python is reachable from one: the text is cut into numbers, names and signs first, every
name must be known, and what is evaluated is a tree of closures over floats.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from installation.errors import ExpressionError
from installation.show.functions import FUNCTIONS, USAGES, lfo, power
from installation.show.template import fill
from installation.show.tokens import tidied

__all__ = ["Expression", "fill", "parse"]

DEEPEST = 100
"""Operations that may hang on one another; a person writes three or four."""

Env = Mapping[str, float]
Run = Callable[[Env], float]


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression; two are equal when their text is.

    `names`: every key that `evaluate` looks up: signals and `t now beat bar dark` as they stand,
    `raw(tide)` and `arg(touch, 1)` written exactly so. `signals`: the signals among them.
    `constant`: its value when it looks nothing up, else None."""

    text: str
    names: frozenset[str] = field(compare=False)
    signals: frozenset[str] = field(compare=False)
    constant: float | None = field(compare=False)
    run: Run = field(compare=False, repr=False)

    @classmethod
    def parse(cls, text: str, names: Collection[str] = ()) -> Expression:
        """Read `text`, in which the signals `names` are known. Raises ExpressionError."""
        part = _read(text, names)
        constant = None if part.names else part.run({})
        signals = frozenset(part.signals | (part.names & frozenset(names)))
        return cls(text.strip(), part.names, signals, constant, part.run)

    @classmethod
    def of(cls, value: float) -> Expression:
        """The expression that always has this value."""
        return cls(repr(float(value)), frozenset(), frozenset(), float(value), _always(float(value)))

    def evaluate(self, env: Env) -> float:
        """The value where the world is `env`, which holds `names` as numbers; `arg(…)` may be absent, then 0.

        Never infinite; NaN where it has no value just now: divided by zero, too large, a root of
        a negative number. Comparisons, `and`, `or`, `not` are 1 or 0. Raises KeyError for a name
        that `env` lacks, which is the programmer's mistake, and nothing else."""
        try:
            value = float(self.run(env))
        except (ArithmeticError, ValueError):
            return math.nan
        return value if math.isfinite(value) else math.nan

    def __reduce__(self) -> tuple[Any, ...]:
        return (Expression.parse, (self.text, tuple(self.signals)))


parse = Expression.parse


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of an expression: how to run it, what it looks up, which signals it asks by raw or arg."""

    run: Run
    names: frozenset[str] = frozenset()
    signals: frozenset[str] = frozenset()


def _read(text: str, names: Collection[str]) -> _Part:
    source = tidied(text, names)
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ExpressionError(
            "this cannot be read as a calculation; perhaps a sign or a number is missing"
        ) from None
    return _Builder(frozenset(names)).build(tree, 0)


_SIGNS: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: power,
}
_TESTS: dict[type[ast.AST], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class _Builder:
    """Turns a syntax tree into closures. What it does not know by type it refuses."""

    def __init__(self, signals: frozenset[str]) -> None:
        self.signals = signals

    def build(self, tree: ast.expr, depth: int) -> _Part:
        if depth > DEEPEST:
            raise ExpressionError(
                "too many operations hang on one another; split it into two signals or say less"
            )
        part = self._dispatch(tree, depth + 1)
        if part.names:
            return part
        return _folded(part)

    def _dispatch(self, tree: ast.expr, depth: int) -> _Part:
        match tree:
            case ast.Constant(value=int() | float() as value):
                return _Part(_always(float(value)))
            case ast.Name(id=name) if name not in USAGES:
                return _Part(operator.itemgetter(name), frozenset((name,)))
            case ast.BinOp(op=sign) if type(sign) in _SIGNS:
                return self._calculation(tree, depth)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not() as sign, operand=operand):
                return _unary(sign, self.build(operand, depth))
            case ast.BoolOp() | ast.Compare():
                return self._judgement(tree, depth)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments, depth)
        raise ExpressionError(_refusal(tree))

    def _calculation(self, tree: ast.BinOp, depth: int) -> _Part:
        left, right = self.build(tree.left, depth), self.build(tree.right, depth)
        if isinstance(tree.op, ast.Pow) and not right.names and abs(right.run({})) > 8:
            raise ExpressionError("the exponent is too large; exponents go up to 8")
        combine, a, b = _SIGNS[type(tree.op)], left.run, right.run
        return _joined(lambda env: combine(a(env), b(env)), left, right)

    def _judgement(self, tree: ast.BoolOp | ast.Compare, depth: int) -> _Part:
        if isinstance(tree, ast.BoolOp):
            return _logic(isinstance(tree.op, ast.And), [self.build(v, depth) for v in tree.values])
        if not all(type(test) in _TESTS for test in tree.ops):
            raise ExpressionError(_refusal(tree))
        parts = [self.build(side, depth) for side in (tree.left, *tree.comparators)]
        first = parts[0].run
        rest = [(_TESTS[type(op)], part.run) for op, part in zip(tree.ops, parts[1:], strict=True)]

        def compared(env: Env) -> float:
            left = first(env)
            for test, run in rest:
                right = run(env)
                if not test(left, right):
                    return 0.0
                left = right
            return 1.0

        return _joined(compared, *parts)

    def _call(self, name: str, arguments: list[ast.expr], depth: int) -> _Part:
        if name in {"raw", "arg"}:
            return self._lookup(name, arguments)
        if name not in USAGES:
            raise ExpressionError(f"{name} is not a function; for a product write {name} * (…)")
        function = FUNCTIONS.get(name)
        fewest, most = (1, 2) if function is None else (function.fewest, function.most)
        if not fewest <= len(arguments) <= most:
            raise ExpressionError(f"{name} does not take {_count(len(arguments))}; write {USAGES[name]}")
        parts = [self.build(argument, depth) for argument in arguments]
        if function is None:
            now = _Part(operator.itemgetter("now"), frozenset(("now",)))
            return _joined(_applied(lfo, [now, *parts]), now, *parts)
        return _joined(_applied(function.run, parts), *parts)

    def _lookup(self, name: str, arguments: list[ast.expr]) -> _Part:
        match name, arguments:
            case "raw", [ast.Name(id=signal)] if signal in self.signals:
                return _Part(
                    operator.itemgetter(f"raw({signal})"),
                    frozenset((f"raw({signal})",)),
                    frozenset((signal,)),
                )
            case "arg", [ast.Name(id=signal)] if signal in self.signals:
                return _argument(signal, 1)
            case "arg", [ast.Name(id=signal), ast.Constant(value=int() | float() as n)] if (
                signal in self.signals and n in range(1, 33)
            ):
                return _argument(signal, int(n))
        wants = "the name of a signal" if name == "raw" else "an event's name and a whole number from 1 to 32"
        raise ExpressionError(f"{name} needs {wants}; write {USAGES[name]}")


def _refusal(tree: ast.expr) -> str:
    match tree:
        case ast.Name(id=name):
            return f"{name} is a function; write {USAGES[name]}"
        case ast.Tuple():
            return "a comma stands between two values; a decimal is written with a point: 0.5"
    return "this cannot stand in an expression; numbers, signals, signs, comparisons and functions can"


def _always(value: float) -> Run:
    return lambda _: value


def _folded(part: _Part) -> _Part:
    """The same as one number, since it looks nothing up."""
    try:
        value = float(part.run({}))
    except (ArithmeticError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise ExpressionError(
            "this never has a value: it divides by zero or grows without end; check the numbers in it"
        )
    return _Part(_always(value), frozenset(), part.signals)


def _joined(run: Run, *parts: _Part) -> _Part:
    names = frozenset[str]().union(*(part.names for part in parts))
    return _Part(run, names, frozenset[str]().union(*(part.signals for part in parts)))


def _unary(sign: ast.unaryop, part: _Part) -> _Part:
    run = part.run
    if isinstance(sign, ast.UAdd):
        return part
    if isinstance(sign, ast.USub):
        return _joined(lambda env: -run(env), part)
    return _joined(lambda env: 0.0 if run(env) else 1.0, part)


def _logic(every: bool, parts: list[_Part]) -> _Part:
    runs, judge = [part.run for part in parts], all if every else any
    return _joined(lambda env: 1.0 if judge(run(env) for run in runs) else 0.0, *parts)


def _applied(function: Callable[..., float], parts: list[_Part]) -> Run:
    runs = [part.run for part in parts]
    if len(runs) == 1:
        return partial(_once, function, runs[0])
    return lambda env: function(*[run(env) for run in runs])


def _once(function: Callable[..., float], run: Run, env: Env) -> float:
    return function(run(env))


def _argument(signal: str, n: int) -> _Part:
    key = f"arg({signal}, {n})"
    return _Part(lambda env: env.get(key, 0.0), frozenset((key,)), frozenset((signal,)))


def _count(n: int) -> str:
    return "one value" if n == 1 else f"{n} values" if n else "nothing"
