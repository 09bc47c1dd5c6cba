"""Requests and packagings: what they accept, and what they call the same."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_models import DatasetIdentity, DatasetRequest, Packaging, errors

IDENTITY: dict[str, Any] = {
    "contract_version": "v0.1",
    "rules_version": 1,
    "seed": 7,
    "as_of_date": "2026-01-01",
}
TABLES = ("persons", "vehicles", "profiles")


def request(**changes: Any) -> DatasetRequest:
    """A small valid request with some changes."""
    values = {"identity": IDENTITY, "records": 10, "tables": TABLES, **changes}
    return DatasetRequest.parse(**values)


@pytest.mark.parametrize("records", [0, -1, 2.5, "10", True, 10**30, float("nan"), None])
def test_records_must_be_a_whole_number_in_range(records: object) -> None:
    """Nothing but a whole number from 1 to 2^40 passes, and the message shows the bounds."""
    with pytest.raises(errors.InvalidRequestError, match=r"records must be a whole number from 1"):
        request(records=records)


@pytest.mark.parametrize("seed", [-1, 2**64, 1.0, "7", False])
def test_seed_must_fit_64_bits(seed: object) -> None:
    """A seed outside 0 to 2^64-1 is refused."""
    with pytest.raises(errors.InvalidRequestError, match=r"seed must be a whole number from 0"):
        DatasetIdentity.parse(**{**IDENTITY, "seed": seed})


@pytest.mark.parametrize("seed", [0, 1, 2**53, 2**64 - 1])
def test_boundary_seeds_are_kept_exactly(seed: int) -> None:
    """The ends of the range are accepted as they are."""
    assert seed == DatasetIdentity.parse(**{**IDENTITY, "seed": seed}).seed


@settings(deadline=None)
@given(st.permutations(TABLES), st.data())
def test_order_and_repeats_of_tables_do_not_matter(names: list[str], data: st.DataObject) -> None:
    """Equal sets of tables are equal requests with equal digests."""
    repeated = data.draw(st.lists(st.sampled_from(names))) + names

    assert request() == request(tables=repeated)
    assert request().digest == request(tables=repeated).digest


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(1, 2**40))
def test_requests_survive_json(seed: int, records: int) -> None:
    """What is recorded in a manifest is the request that was made."""
    made = request(identity={**IDENTITY, "seed": seed}, records=records)

    assert made == DatasetRequest.model_validate_json(made.canonical_json)


def test_digest_is_that_of_the_canonical_json() -> None:
    """The request digest can be recomputed with any JSON library."""
    assert request().canonical_json == (
        '{"identity":{"as_of_date":"2026-01-01","contract_version":"v0.1","rules_version":1,'
        '"scenario":"baseline","seed":7},"records":10,"tables":["persons","vehicles","profiles"]}'
    )
    assert len(request().digest) == 64


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tables": ["person"]}, "unknown entity 'person' .did you mean 'persons'"),
        ({"tables": []}, "tables is empty"),
        ({"identity": {**IDENTITY, "contract_version": "v9"}}, "unknown dataset version 'v9'"),
        ({"identity": {**IDENTITY, "as_of_date": "soon"}}, "as_of_date must be a date"),
        ({"identity": {**IDENTITY, "scenario": "No Such"}}, "scenario"),
        ({"extra": 1}, "extra"),
    ],
)
def test_bad_requests_are_refused_in_one_sentence(changes: dict[str, Any], message: str) -> None:
    """The error names what is wrong, on one line."""
    with pytest.raises(errors.EsdhError, match=message) as caught:
        request(**changes)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given_number", "nearest"),
    [(1, 10_000), (14_999, 10_000), (15_000, 20_000), (250_001, 250_000)],
)
def test_records_per_file_names_the_nearest_multiple(given_number: int, nearest: int) -> None:
    """A number that would cut a leaf is refused with the number to use instead."""
    with pytest.raises(errors.InvalidRequestError, match=f"the nearest is {nearest}$"):
        Packaging.parse(records_per_file=given_number)


@pytest.mark.parametrize("value", [0, -10_000, 2.5, True, "10000"])
def test_records_per_file_must_be_positive(value: object) -> None:
    """Anything but a positive whole number is refused."""
    with pytest.raises(errors.InvalidRequestError, match="positive multiple of 10000"):
        Packaging.parse(records_per_file=value)


def test_unknown_formats_are_refused() -> None:
    """A format that no module writes is refused with what there is."""
    with pytest.raises(errors.UnknownNameError, match="unknown output format 'xlsx'"):
        Packaging.parse(formats=("xlsx",))


@settings(deadline=None)
@given(st.integers(1, 10**7), st.integers(1, 60).map(lambda n: n * 10_000))
def test_parts_cover_every_owner_once(owners: int, step: int) -> None:
    """Parts lie end to end from the first owner to the last."""
    packaging = Packaging.parse(records_per_file=step)
    count = packaging.part_count(owners)
    ranges = [packaging.part_range(number, owners) for number in range(count)]

    assert [0, *(stop for _, stop in ranges)] == [*(start for start, _ in ranges), owners]
