"""Everything that chance decides for few owners: the bits of all columns, and the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from ..permutation import ROUNDS, round_names
from ..random_streams import RandomStreams
from ..record_ids import PERMUTATION as IDS
from ..record_ids import TABLE_NUMBERS, few_uuid_texts, pack, uuid_numbers
from ..tables import person, vehicle
from ..vehicle_numbers import PERMUTATION as VINS
from ..vehicle_numbers import join, split
from .lanes import collect, collect_pairs_backwards, every, mix_lanes, permute_lanes, spread

_STREAMS: Final = (
    *(f"persons.{column}" for column in person.DRAWN_COLUMNS),
    *(f"vehicles.{column}" for column in vehicle.DRAWN_COLUMNS),
)
_STREAM_NAMES: Final = tuple(stream.encode() for stream in _STREAMS)
_NAMES: Final = (*_STREAM_NAMES, *round_names(IDS[0]), *round_names(VINS[0]))
_OF_IDS: Final = slice(-2 * ROUNDS, -ROUNDS)
_OF_VINS: Final = slice(-ROUNDS, None)
"""Where the keys of the permutations stand among all."""
_Value = TypeVar("_Value")


class FewDraws:
    """Plain integers and identifiers for a range of owners, those of all tables.

    `bits` has the random bits of each stream, such as "persons.age", `ids` the record identifiers
    of each table, and `vin_bits` the permuted bits of the first vehicle's VIN.
    """

    def __init__(self, streams: RandomStreams, owners: range) -> None:
        """Draw for the owners."""
        self.owners = owners
        keys, rows, streamed = streams.keys(_NAMES), len(owners), len(_STREAMS)

        of_all, lanes = spread(owners, times=streamed), rows * streamed
        mixed = mix_lanes(spread(keys[:streamed], each=rows), of_all, lanes)
        self.bits = _by_name(_STREAMS, collect(mixed, lanes))

        of_all, lanes = spread(owners, times=len(TABLE_NUMBERS)), rows * len(TABLE_NUMBERS)
        left, right = pack(spread(TABLE_NUMBERS.values(), each=rows), of_all, 0)
        halves = permute_lanes(keys[_OF_IDS], IDS[1], left, right, lanes)
        high, low = uuid_numbers(*halves, every(1, lanes))
        ids = few_uuid_texts(collect_pairs_backwards(high, low, lanes))
        self.ids = _by_name(tuple(TABLE_NUMBERS), ids[::-1])

        left, right = split(spread(owners), 0, every(1, rows))
        halves = permute_lanes(keys[_OF_VINS], VINS[1], left, right, rows)
        self.vin_bits = collect(join(*halves), rows)


def _by_name(names: tuple[str, ...], values: Sequence[_Value]) -> dict[str, Sequence[_Value]]:
    """As many values for each name."""
    rows = len(values) // len(names)
    return {name: values[at * rows : (at + 1) * rows] for at, name in enumerate(names)}
