"""Literal defaults agree with the models they stand for."""

from esdh_cli import options
from esdh_models import LATEST_CONTRACT_VERSION, dataset_request, get_contract


def test_defaults_are_those_of_the_models() -> None:
    """Help shows literals, so they are held against the one truth here."""
    contract = get_contract(LATEST_CONTRACT_VERSION)

    assert contract.version == options.DEFAULT_VERSION
    assert contract.default_records == options.DEFAULT_RECORDS
    assert contract.default_seed == options.DEFAULT_SEED
    assert ",".join(dataset_request.DEFAULT_FORMATS) == options.DEFAULT_FORMATS
    assert dataset_request.DEFAULT_RECORDS_PER_FILE == options.DEFAULT_RECORDS_PER_FILE


def test_drawn_seeds_are_exact_in_every_json_reader() -> None:
    """A drawn seed survives readers that keep numbers as doubles."""
    assert options.RANDOM_SEED_BOUND == 2**53
