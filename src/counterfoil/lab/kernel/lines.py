"""Lines of sixteen words, added up and turned by wide instructions.

Numba's compiler makes loops wide where it can prove that arrays do not overlap, and it cannot prove
it of a line that is fetched from a place just read. So the two loops that need it are written as the
vectors that they are; a machine without wide registers gets the same in narrow ones.
"""

from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.core import cgutils

from counterfoil.lab.compiled import written_out

LINE: Final = 16
"""Words in a line of memory: 64 bytes."""
_LISTED: Final = 0x00010001
_AHEAD: Final = 24
"""Contacts whose lines are on their way while one is added."""

_WORD: Final = ir.IntType(32)
_LINE: Final = ir.VectorType(_WORD, LINE)


def _sizes(*kinds: Any) -> list[Any]:
    """Give the type in which numbers of places are handed over."""
    if not all(isinstance(kind, types.Integer) for kind in kinds):
        raise TypeError(f"places are whole numbers, not {kinds}")
    return [types.intp] * len(kinds)


def _all(value: int) -> ir.Constant:
    return ir.Constant(_LINE, [value] * LINE)


def _spread(builder: Any, word: Any) -> Any:
    """Put one word into all places of a line."""
    first = builder.insert_element(ir.Constant(_LINE, ir.Undefined), word, ir.Constant(_WORD, 0))
    return builder.shuffle_vector(
        first, ir.Constant(_LINE, ir.Undefined), ir.Constant(_LINE, [0] * LINE)
    )


def _load(builder: Any, data: Any, place: Any) -> Any:
    """Load a line that begins at a place of an array."""
    found = builder.load(builder.bitcast(builder.gep(data, [place]), _LINE.as_pointer()))
    found.align = 4
    return found


def _store(builder: Any, line: Any, data: Any, place: Any) -> None:
    stored = builder.store(line, builder.bitcast(builder.gep(data, [place]), _LINE.as_pointer()))
    stored.align = 4


def _reduced(builder: Any, line: Any) -> Any:
    """Give a word with whatever bit is set in any of a line's."""
    kind = ir.FunctionType(_WORD, [_LINE])
    either = cgutils.get_or_insert_function(builder.module, kind, "llvm.vector.reduce.or.v16i32")
    return builder.call(either, [line])


def _prefetch(builder: Any, data: Any, place: Any) -> None:
    """Ask for a line without waiting for it."""
    byte = ir.IntType(8).as_pointer()
    function = builder.module.declare_intrinsic(
        "llvm.prefetch", [byte], ir.FunctionType(ir.VoidType(), [byte, _WORD, _WORD, _WORD])
    )
    reading, near, is_data = (ir.Constant(_WORD, value) for value in (0, 3, 1))
    where = builder.bitcast(builder.gep(data, [place]), byte)
    builder.call(function, [where, reading, near, is_data])


@written_out
def add_row(
    _: Any, seen: Any, ties: Any, gone: Any, who: Any, first: Any, last: Any, total: Any,
    twin: Any, met: Any, at: Any,
) -> Any:  # fmt: skip
    """Add up the lines of a resident's contacts in both worlds, leaving out what is gone.

    `seen` is all lines, one behind the other. From `at`, `total` and `twin` get a line of sums of
    scores, `met` whatever bit any contact's word has. Gives whether anybody is listed in any replica
    and world, the resident included.
    """
    sizes = _sizes(who, first, last)
    signature = types.uint32(seen, ties, gone, *sizes, total, twin, met, *_sizes(at))

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kinds = signature.args
        seen_at, ties_at, gone_at, *outs = (
            context.make_array(kinds[k])(context, builder, args[k]).data for k in (0, 1, 2, 6, 7, 8)
        )
        who, first, last, at = args[3], args[4], args[5], args[9]
        place = who.type
        end = context.make_array(kinds[1])(context, builder, args[1]).nitems
        sums = [cgutils.alloca_once_value(builder, _all(0)) for _ in range(3)]
        bits = ir.Constant(_LINE, [2 * lane for lane in range(LINE)])
        with cgutils.for_range_slice(builder, first, last, ir.Constant(place, 1), place) as (e, _):
            later = builder.add(e, ir.Constant(place, _AHEAD))
            later = builder.select(builder.icmp_signed("<", later, end), later, e)
            soon = builder.load(builder.gep(ties_at, [later]))
            _prefetch(builder, seen_at, _line_of(builder, soon, place))
            entry = builder.load(builder.gep(ties_at, [e]))
            word = _load(builder, seen_at, _line_of(builder, entry, place))
            marks = builder.lshr(_spread(builder, builder.load(builder.gep(gone_at, [e]))), bits)
            twin_marks = builder.and_(builder.lshr(marks, _all(1)), _all(1))
            alive = builder.sub(builder.and_(marks, _all(1)), _all(1))
            twin_alive = builder.sub(twin_marks, _all(1))
            score = builder.and_(builder.lshr(word, _all(1)), _all(0x7FFF))
            twin_score = builder.lshr(word, _all(17))
            for place_of_sum, more in (
                (sums[0], builder.and_(score, alive)),
                (sums[1], builder.and_(twin_score, twin_alive)),
            ):
                builder.store(builder.add(builder.load(place_of_sum), more), place_of_sum)
            builder.store(builder.or_(builder.load(sums[2]), word), sums[2])
        for line, out in zip(sums, outs, strict=True):
            _store(builder, builder.load(line), out, at)
        mine = _load(builder, seen_at, builder.mul(who, ir.Constant(place, LINE)))
        anybody = builder.or_(builder.load(sums[2]), mine)
        return builder.and_(_reduced(builder, anybody), ir.Constant(_WORD, _LISTED))

    return signature, generate


def _line_of(builder: Any, entry: Any, place: Any) -> Any:
    """Give where the line of a tie's other end begins: its id is the entry's upper 28 bits."""
    return builder.zext(builder.and_(entry, ir.Constant(_WORD, 0xFFFFFFF0)), place)


@written_out
def turn(_: Any, source: Any, begin: Any, step: Any, target: Any, there: Any, stride: Any) -> Any:
    """Turn sixteen lines of sixteen words: the first words become the first line.

    Lines begin `step` words apart from `begin`, and go `stride` words apart from `there`.
    """
    signature = types.void(source, *_sizes(begin, step), target, *_sizes(there, stride))

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kinds = signature.args
        source_at = context.make_array(kinds[0])(context, builder, args[0]).data
        target_at = context.make_array(kinds[3])(context, builder, args[3]).data
        place = args[1].type

        def nth(begin: Any, step: Any, number: int) -> Any:
            return builder.add(begin, builder.mul(step, ir.Constant(place, number)))

        lines = [_load(builder, source_at, nth(args[1], args[2], k)) for k in range(LINE)]
        for half in (1, 2, 4, 8):
            keep = [j if not j & half else LINE + j - half for j in range(LINE)]
            swap = [j + half if not j & half else LINE + j for j in range(LINE)]
            for k in range(LINE):
                if not k & half:
                    one, two = lines[k], lines[k + half]
                    for row, mask in ((k, keep), (k + half, swap)):
                        lines[row] = builder.shuffle_vector(one, two, ir.Constant(_LINE, mask))
        for number, line in enumerate(lines):
            _store(builder, line, target_at, nth(args[4], args[5], number))
        return context.get_dummy_value()

    return signature, generate
