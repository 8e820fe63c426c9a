"""numba's compiler without what kernels do not need, so that a first run waits half as long.

Kernels are loops over numbers and arrays of one piece. For those numba does much that LLVM then has to take away
again; here it is not done. Everything goes through the places that numba leaves open to other compilers
(`pipeline_class`), changes kernels only, and is measured in ``benchmarks/speed/compile.py``:

- Types of a call are worked out once a process (`_Known`), not at every mention; so are those of ``a + b``.
- Passes that look for closures, constants to fold or calls to inline, of which kernels have none, are left out.
- Reading and writing a place of an array takes the address from the array's own value (`_Lower`). A subscript is never
  below zero: numba lets it count from the end, kernels do not.
- New rows of numbers are made on the spot; numba compiles a function, or three, for each kind of number and length.
- Arrays that are handed in belong to the caller for as long as the kernel runs, so nothing counts who holds them.
- A function that is only part of kernels (`Part`) is handed on as it is; it is optimised, and made machine code of,
  where it is called.
- Before functions are put together, LLVM brings their variables into registers and does no more (`_Whole`); it looks
  at all the rest afterwards, where it used to look twice.
"""

# numba is written without types, and calling it is all that is done here.
# mypy: allow-untyped-calls
from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir as llvm  # type: ignore[import-untyped]  # ships no types
from llvmlite.binding import (  # type: ignore[import-untyped]  # ships no types
    ModuleRef,
    create_new_function_pass_manager,
)
from numba.core import cgutils, ir, types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.lowering import Lower
from numba.core.typed_passes import (
    AnnotateTypes,
    IRLegalization,
    NativeLowering,
    NoPythonBackend,
    NopythonTypeInference,
    PreLowerStripPhis,
)
from numba.core.types.abstract import DTypeSpec
from numba.core.typing.templates import signature as signature_of
from numba.core.untyped_passes import FixupArgs, IRProcessing, ReconstructSSA, TranslateByteCode
from numba.np.arrayobj import make_array, populate_array

_SIGNATURES: Final[dict[tuple[Any, Any], Any]] = {}
"""Of numba's own functions and operators, by what they are given."""


class _Known:
    """A typing context that remembers the signatures of numba's own functions, which depend on the types alone."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def resolve_function_type(self, function: Any, given: Any, named: Any) -> Any:
        """Give the signature of a call."""
        if named or not isinstance(function, types.Function):
            return self._context.resolve_function_type(function, given, named)
        found = _SIGNATURES.get((function, given))
        if found is None and _makes_a_row(function, given):
            found = _SIGNATURES[function, given] = signature_of(types.Array(given[1].dtype, 1, "C"), *given)
        if found is None:
            found = self._context.resolve_function_type(function, given, named)
            if found is not None:
                _SIGNATURES[function, given] = found
        return found


def _makes_a_row(function: Any, given: Any) -> bool:
    """Say whether a call is ``np.empty`` or ``np.zeros`` of one length and a kind of number."""
    if getattr(function, "typing_key", None) not in (np.empty, np.zeros) or len(given) != 2:
        return False
    count, kind = given
    return isinstance(count, types.Integer) and isinstance(kind, DTypeSpec) and _is_number(kind.dtype)


def _is_number(kind: Any) -> bool:
    return isinstance(kind, types.Number | types.Boolean)


class _Lower(Lower):
    """Writes a function down for LLVM."""

    def pre_lower(self) -> None:
        """Find the arrays that are handed in and never replaced."""
        super().pre_lower()
        handed_in: dict[str, bool] = {}
        for block in self.blocks.values():
            for step in block.find_insts(ir.Assign):
                name = step.target.name
                handed_in[name] = name not in handed_in and isinstance(step.value, ir.Arg)
        self._lent = {name for name, so in handed_in.items() if so and isinstance(self.typeof(name), types.Array)}

    def lower_inst(self, inst: Any) -> None:
        """Write one step down; an array that is lent is not given up."""
        if not (isinstance(inst, ir.Del) and inst.value in self._lent):
            super().lower_inst(inst)

    def lower_assign(self, ty: Any, inst: Any) -> Any:
        """Write a value down; an array that is lent is not taken hold of."""
        if isinstance(inst.value, ir.Arg) and inst.target.name in self._lent:
            number = inst.value.index
            return self.context.cast(self.builder, self.fnargs[number], self.fndesc.argtypes[number], ty)
        return super().lower_assign(ty, inst)

    def lower_call(self, resty: Any, expr: Any) -> Any:
        """Write a call down; new rows are made on the spot, where numba calls a function compiled for each kind."""
        function, signature = self.typeof(expr.func.name), self.fndesc.calltypes[expr]
        if expr.kws or not _makes_a_row(function, signature.args):
            return super().lower_call(resty, expr)
        context, builder, kind = self.context, self.builder, signature.return_type
        size = context.cast(builder, self.loadvar(expr.args[0].name), self.typeof(expr.args[0].name), types.intp)
        stored = context.get_data_type(kind.dtype)
        width = context.get_constant(types.intp, context.get_abi_sizeof(stored))
        length = builder.mul(size, width)
        alignment = context.get_constant(types.uint32, context.get_preferred_array_alignment(kind.dtype))
        memory = context.nrt.meminfo_alloc_aligned(builder, length, alignment)
        data = builder.bitcast(context.nrt.meminfo_data(builder, memory), stored.as_pointer())
        row = make_array(kind)(context, builder)
        populate_array(row, data=data, shape=[size], strides=[width], itemsize=width, meminfo=memory)
        if function.typing_key is np.zeros:
            cgutils.memset(builder, data, length, 0)
        return context.cast(builder, row._getvalue(), kind, resty)

    def lower_getitem(self, resty: Any, expr: Any, value: Any, index: Any, signature: Any) -> Any:
        """Write down that a place of an array is read."""
        array = self.typeof(value.name)
        if not self._is_plain(array, self.typeof(index.name)):
            return super().lower_getitem(resty, expr, value, index, signature)
        found = self.context.unpack_value(self.builder, array.dtype, self._address(array, value, index))
        return self.context.cast(self.builder, found, array.dtype, resty)

    def lower_setitem(self, target_var: Any, index_var: Any, value_var: Any, signature: Any) -> Any:
        """Write down that a place of an array is written."""
        array = self.typeof(target_var.name)
        if not self._is_plain(array, self.typeof(index_var.name)):
            return super().lower_setitem(target_var, index_var, value_var, signature)
        value = self.context.cast(self.builder, self.loadvar(value_var.name), self.typeof(value_var.name), array.dtype)
        address = self._address(array, target_var, index_var)
        return self.context.pack_value(self.builder, array.dtype, value, address)

    def _is_plain(self, array: Any, index: Any) -> bool:
        """Say whether a subscript names one number of an array of one piece, and bounds need not be looked at."""
        if not isinstance(array, types.Array) or array.layout != "C" or not array.aligned:
            return False
        if self.context.enable_boundscheck or not _is_number(array.dtype):
            return False
        numbers = index.types if isinstance(index, (types.Tuple, types.UniTuple)) else (index,)
        return len(numbers) == array.ndim and all(isinstance(number, types.Integer) for number in numbers)

    def _address(self, array: Any, value: Any, index: Any) -> llvm.Value:
        """Give the address of a place of an array."""
        model = self.context.data_model_manager[array]
        whole, numbers, kinds = self.loadvar(value.name), [self.loadvar(index.name)], [self.typeof(index.name)]
        if isinstance(kinds[0], (types.Tuple, types.UniTuple)):
            kinds = list(kinds[0].types)
            numbers = cgutils.unpack_tuple(self.builder, numbers[0], len(kinds))
        place = None
        for axis, (number, kind) in enumerate(zip(numbers, kinds, strict=True)):
            step = self.context.cast(self.builder, number, kind, types.intp)
            if place is not None:
                size = self.builder.extract_value(whole, [model.get_field_position("shape"), axis])
                step = self.builder.add(self.builder.mul(place, size), step)
            place = step
        data = self.builder.extract_value(whole, model.get_field_position("data"))
        return self.builder.gep(data, [place], inbounds=True)


class _Whole(JITCodeLibrary):
    """The code of a kernel."""

    def _optimize_functions(self, ll_module: ModuleRef) -> None:
        ll_module.data_layout = self._codegen._data_layout
        builder = self._codegen._pass_builder()
        for function in ll_module.functions:
            passes = create_new_function_pass_manager()
            passes.add_sroa_pass()
            passes.add_simplify_cfg_pass()
            passes.add_instruction_combine_pass()
            passes.add_refprune_pass()
            passes.run(function, builder)


class _Unfinished(_Whole):
    """The code of a part, which kernels take over as it is."""

    @property
    def codegen(self) -> Any:
        """Give whom to tell where the function lies: nobody, for it lies nowhere by itself."""
        return _Nobody()

    def get_pointer_to_function(self, name: str) -> int:
        """Give no address, as is said of what Python cannot call."""
        self._ensure_finalized()
        return 0

    def _optimize_final_module(self) -> None:
        """Leave it to the kernel."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


class _Nobody:
    def set_env(self, name: str, env: Any) -> None:
        """Forget it."""


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(NativeLowering):
    _name = "kernel_lowering"
    library: type[_Whole] = _Whole
    lowering_class = _Lower

    def run_pass(self, state: Any) -> bool:
        """Make the code of a function."""
        if state.library is None:
            state.library = self.library(state.targetctx.codegen(), state.func_id.func_qualname)
            state.library.enable_object_caching()
        return bool(super().run_pass(state))


@register_pass(mutates_CFG=True, analysis_only=False)
class _PartLowering(_Lowering):
    _name = "part_lowering"
    library = _Unfinished


class Kernel(CompilerBase):
    """Compiles a kernel."""

    lowering: type[_Lowering] = _Lowering

    def __init__(self, typing: Any, *rest: Any) -> None:
        super().__init__(_Known(typing), *rest)

    def define_pipelines(self) -> list[PassManager]:
        """Give the passes, in order."""
        passes = PassManager("kernel")
        for step in (
            TranslateByteCode,
            FixupArgs,
            IRProcessing,
            ReconstructSSA,
            NopythonTypeInference,
            PreLowerStripPhis,
            IRLegalization,
            AnnotateTypes,
            self.lowering,
            NoPythonBackend,
        ):
            passes.add_pass(step, step.__name__)
        passes.finalize()
        return [passes]


class Part(Kernel):
    """Compiles a function that only kernels call."""

    lowering = _PartLowering
