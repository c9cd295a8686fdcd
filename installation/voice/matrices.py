"""A linear map in the form in which this machine multiplies it quickest: float32, half or int8 weights.

With one row to multiply, a processor waits for the weights to come from memory: the fewer bytes, the
quicker. `Half` and `Packed8` stand on kernels of torch that are private or for quantised models; so each
matrix is tried when it is made, and one that its kernel does not multiply right stays in float32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from installation.voice.families import Matrix

if TYPE_CHECKING:
    import torch

SMALL = 1 << 18
"""Numbers below which a matrix stays in the processor's cache, where float32 is quickest."""

HALF_TOLERANCE, INT8_TOLERANCE = 2e-3, 3e-2
"""Largest error of a trial, as a share of the largest result, before a kernel is held to be broken."""


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


class Packed8:
    """int8 weights with a bfloat16 scale for each output; inputs and products are bfloat16, sums float32
    (torch's private _weight_int8pack_mm). `centre` takes the mean column out of the rounding: logits
    that all lie near -100 keep their differences. Raises RuntimeError where torch has no such kernel."""

    def __init__(self, matrix: Matrix, *, centre: bool = False) -> None:
        import torch

        kernel = getattr(torch, "_weight_int8pack_mm", None)
        if kernel is None:
            raise RuntimeError("this torch has no int8 kernel")
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


def matrix_of(matrix: Matrix, form: str, *, head: bool = False) -> Linear:
    """The matrix in `form` (`float32`, `float16` or `int8`), or in float32 where that is quicker or the
    form's kernel fails its trial on this machine."""
    if form == "float16" and matrix.weight.numel() >= SMALL:
        return tried(matrix, Half, HALF_TOLERANCE)
    if form == "int8":
        return tried(matrix, lambda given: Packed8(given, centre=head), INT8_TOLERANCE)
    return Full(matrix)


def tried(matrix: Matrix, make: Any, tolerance: float) -> Linear:
    """What `make` makes of the matrix if it multiplies right, else float32."""
    import torch

    few = torch.linspace(-2, 2, 3 * matrix.weight.shape[0]).sin().view(3, -1)
    want = few @ matrix.weight.float()
    want = want if matrix.bias is None else want + matrix.bias.float()
    try:
        made: Linear = make(matrix)
        found = made(few)
    except (RuntimeError, AttributeError, NotImplementedError):
        return Full(matrix)
    wrong = float((found - want).abs().max())
    return made if wrong <= tolerance * float(want.abs().max()) + 1e-6 else Full(matrix)
