"""A linear map in the form in which this machine multiplies it quickest: float32, half or int8 weights.

With one row to multiply, a processor waits for the weights to come from memory: the fewer bytes, the
quicker. The forms below float32 stand on kernels of torch that are private or for quantised models; so
each matrix is tried when it is made, and one that a kernel does not multiply right takes the next form.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from installation.voice.families import Matrix

if TYPE_CHECKING:
    import torch

TINY, SMALL, MEDIUM = 1 << 15, 1 << 18, 3 << 19
"""Numbers up to which a matrix is quickest for one row in float32, in int8 times bfloat16, and in float16,
where others compute on the same machine and memory is what one waits for."""

MANY = 16
"""Rows from which on int8 sums are quicker than those of float16 weights, whatever the size."""

HALF_TOLERANCE, INT8_TOLERANCE = 2e-3, 3e-2
"""Largest error of a trial, as a share of the largest result, before a kernel is held to be broken."""


Way: TypeAlias = "tuple[Callable[[Matrix], Linear], float]"
"""How a matrix can be made, and the tolerance for its trial."""


class Linear(Protocol):
    """x W + b for rows x of shape (rows, in), float32 in and out."""

    def __call__(self, x: torch.Tensor) -> torch.Tensor: ...

    def into(self, x: torch.Tensor, out: torch.Tensor) -> None:
        """The same, written to `out` (rows, out)."""


class Full:
    """float32. Where more goes out than in, the input's numbers lie on the rows: for one row that is
    quicker than the usual order (a head of 50 000 tokens: 1.6 times), and two rows do not cost three
    times as much as one. Where not, the usual order is, as a matrix times a vector (1.6 times)."""

    def __init__(self, matrix: Matrix) -> None:
        import torch

        coming, going = matrix.weight.shape
        self._narrow = coming >= going
        weight = matrix.weight.float()
        self._weight = weight.t().contiguous().t() if self._narrow else weight.contiguous()
        self._usual = self._weight.t()
        self._bias = None if matrix.bias is None else matrix.bias.float()
        self._add, self._plain, self._add_one, self._one = torch.addmm, torch.mm, torch.addmv, torch.mv

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        if self._bias is None:
            return self._plain(x, self._weight)
        return self._add(self._bias, x, self._weight)

    def into(self, x: torch.Tensor, out: torch.Tensor) -> None:
        if self._narrow and x.shape[0] == 1:
            if self._bias is None:
                self._one(self._usual, x[0], out=out[0])
            else:
                self._add_one(self._bias, self._usual, x[0], out=out[0])
        elif self._bias is None:
            self._plain(x, self._weight, out=out)
        else:
            self._add(self._bias, x, self._weight, out=out)


class Half:
    """float16 weights, everything else float32 (FBGEMM). Lossless for weights that were shipped in
    float16, and for bfloat16 ones of usual size. Raises RuntimeError where torch has no such kernel."""

    def __init__(self, matrix: Matrix) -> None:
        import torch

        kernels: Any = torch.ops.quantized
        weight, bias = matrix.weight.float().t().contiguous(), matrix.bias
        if float(weight.abs().max()) > 6e4:
            raise RuntimeError("a weight beyond float16")
        self._packed = kernels.linear_prepack_fp16(weight, None if bias is None else bias.float())
        self._multiply = kernels.linear_dynamic_fp16.default

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self._multiply(x, self._packed)
        return result

    def into(self, x: torch.Tensor, out: torch.Tensor) -> None:
        out.copy_(self._multiply(x, self._packed))


class Split8:
    """int8 weights with a float32 scale for each output, inputs of 15 bits, sums of integers.

    The kernel (FBGEMM on a processor with VNNI) multiplies bytes, and would round the inputs to 8 bits.
    So each row goes in as two, its rounded part and 250 times what that leaves; and a last row makes the
    range what turns both into bytes exactly. Three rows of bytes cost what one does: the weights come
    from memory once. Raises RuntimeError where torch or the processor has no such kernel."""

    def __init__(self, matrix: Matrix) -> None:
        import torch

        if not torch.cpu._is_vnni_supported():
            raise RuntimeError("without VNNI products of bytes may overflow")
        kernels: Any = torch.ops.quantized
        weight = matrix.weight.float().t()
        scale = (weight.abs().amax(1) / 127).clamp(min=1e-12).double()
        zero = torch.zeros(len(scale), dtype=torch.int64)
        with warnings.catch_warnings():  # torch means to give these tensors up; until then
            warnings.simplefilter("ignore")
            rounded = torch.quantize_per_channel(weight.contiguous(), scale, zero, 0, torch.qint8)
            self._packed = kernels.linear_prepack(rounded, None)
        coming, going = matrix.weight.shape
        self._multiply = kernels.linear_dynamic.default
        self._bias = torch.zeros(going) if matrix.bias is None else matrix.bias.float()
        self._three = torch.zeros(3, coming)
        self._three[2, :2] = torch.tensor([-128.0, 127.0])
        self._whole, self._rest = self._three[0:1], self._three[1:2]
        self._finer, self._least = torch.tensor(250.0), torch.tensor(1e-20)
        self._shares = torch.tensor([[1.0, 1 / 250, 0.0]])
        self._joined = torch.zeros(1, 3)
        self._new, self._div, self._round = torch.empty, torch.div, torch.round
        self._sum, self._mul, self._mix = torch.add, torch.mul, torch.addmm

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        count = x.shape[0]
        step = x.abs().amax(1, keepdim=True).div_(127).clamp_(min=1e-20)
        split = self._new(2 * count + 1, x.shape[1])
        split[-1] = self._three[2]
        self._part(x, step, split[:count], split[count : 2 * count])
        made = self._multiply(split, self._packed)
        result: torch.Tensor = made[:count].add_(made[count : 2 * count], alpha=1 / 250)
        return result.mul_(step).add_(self._bias)

    def into(self, x: torch.Tensor, out: torch.Tensor) -> None:
        step = self._sum(self._least, x.abs().amax(), alpha=1 / 127)
        self._part(x, step, self._whole, self._rest)
        self._mul(self._shares, step, out=self._joined)
        self._mix(self._bias, self._joined, self._multiply(self._three, self._packed), out=out)

    def _part(self, x: torch.Tensor, step: torch.Tensor, whole: torch.Tensor, rest: torch.Tensor) -> None:
        """Write x as whole steps, from -127 to 127, and 250 times what is left, from -125 to 125."""
        self._div(x, step, out=rest)
        self._round(rest, out=whole)
        rest.sub_(whole).mul_(self._finer)


class Packed8:
    """int8 weights with a bfloat16 scale for each output; inputs and products are bfloat16, sums float32
    (torch's private _weight_int8pack_mm). `centre` takes the mean column out of the rounding: logits
    that all lie near -100 keep their differences. Raises RuntimeError where torch has no such kernel."""

    def __init__(self, matrix: Matrix, *, centre: bool = False) -> None:
        import torch

        kernel = getattr(torch, "_weight_int8pack_mm", None)
        if kernel is None:
            raise RuntimeError("this torch has no int8 kernel")
        if matrix.weight.shape[0] % 32:  # it would read beyond the row, and a trial may not show it
            raise RuntimeError("the int8 kernel takes 32 inputs at a time")
        weight = matrix.weight.float().t()
        self._mean = weight.mean(0)[:, None].contiguous() if centre else None
        if self._mean is not None:
            weight = weight - self._mean.t()
        scale = (weight.abs().amax(1) / 127).clamp(min=1e-12).bfloat16()
        self._weight = (weight / scale.float()[:, None]).round_().clamp_(-127, 127).char().contiguous()
        self._scale = scale
        self._bias = None if matrix.bias is None else matrix.bias.float()
        self._multiply, self._add, self._mm = kernel, torch.add, torch.mm

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self._multiply(x.bfloat16(), self._weight, self._scale).float()
        if self._bias is not None:
            result.add_(self._bias)
        if self._mean is not None:
            result.add_(self._mm(x, self._mean))
        return result

    def into(self, x: torch.Tensor, out: torch.Tensor) -> None:
        result = self._multiply(x.bfloat16(), self._weight, self._scale)
        if self._bias is not None:
            self._add(result, self._bias, out=out)
        else:
            out.copy_(result)
        if self._mean is not None:
            out.add_(self._mm(x, self._mean))


class Both:
    """One form for one row, another for many: the first waits for memory, the second for sums."""

    def __init__(self, one: Linear, many: Linear) -> None:
        self._one, self._many, self.into = one, many, one.into

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return self._many(x) if x.shape[0] >= MANY else self._one(x)


def matrix_of(matrix: Matrix, form: str, *, head: bool = False) -> Linear:
    """The matrix in `form` (`float32`, `float16`, `int8`, or `auto`: the quickest by its size), or in
    the next one that its kernels multiply right on this machine."""

    def packed(given: Matrix) -> Packed8:
        return Packed8(given, centre=head)

    size = matrix.weight.numel()
    halves, splits, packs = (Half, HALF_TOLERANCE), (Split8, INT8_TOLERANCE), (packed, INT8_TOLERANCE)
    ways: dict[str, tuple[list[Way], list[Way]]] = {
        "int8": ([splits, packs], []),
        "float16": ([halves] if size > SMALL else [], []),
        "auto": _quickest(size, halves, splits, packs),
    }
    one, many = ways.get(form, ([], []))
    first = _first(matrix, one)
    if first is None:
        return Full(matrix)
    second = _first(matrix, many)
    return Both(first, second) if second else first


def _quickest(size: int, halves: Way, splits: Way, packs: Way) -> tuple[list[Way], list[Way]]:
    """Ways for one row, and for many, best first, of a matrix of so many numbers."""
    if size > MEDIUM:
        return [splits, halves], []
    if size > SMALL:
        return [halves], [splits]
    return ([packs], [(Full, 1e-5)]) if size > TINY else ([], [])


def _first(matrix: Matrix, ways: Sequence[Way]) -> Linear | None:
    found = (tried(matrix, make, tolerance) for make, tolerance in ways)
    return next((made for made in found if made), None)


def tried(matrix: Matrix, make: Any, tolerance: float) -> Linear | None:
    """What `make` makes of the matrix if it multiplies right."""
    import torch

    few = torch.linspace(-2, 2, 3 * matrix.weight.shape[0]).sin().view(3, -1)
    want = few @ matrix.weight.float()
    want = want if matrix.bias is None else want + matrix.bias.float()
    alone = torch.empty(1, want.shape[1])
    try:
        made: Linear = make(matrix)
        found = made(few)
        made.into(few[:1], alone)
    except (RuntimeError, AttributeError, NotImplementedError):
        return None
    wrong = max(float((found - want).abs().max()), float((alone - want[:1]).abs().max()))
    return made if wrong <= tolerance * float(want.abs().max()) + 1e-6 else None
