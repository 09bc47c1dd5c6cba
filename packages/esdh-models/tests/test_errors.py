"""The error family: builtins where fitting, stable codes, and safe to pickle."""

import pickle

import pytest

from esdh_models import errors

FAMILY = [
    (errors.InvalidRequestError("x"), ValueError, "invalid-request"),
    (errors.UnknownNameError("table", "a", ["b"]), LookupError, "unknown-name"),
    (errors.CapacityError("vehicles.vin", 10, 5), OverflowError, "capacity"),
    (errors.RecordNotFoundError("x"), LookupError, "record-not-found"),
    (errors.SourceError("x"), ValueError, "source"),
    (errors.ManifestError("x"), ValueError, "manifest"),
    (errors.SnapshotExistsError("x"), FileExistsError, "snapshot-exists"),
    (errors.SnapshotWriteError("x"), OSError, "snapshot-write"),
    (errors.CannotRegenerateError("x"), LookupError, "cannot-regenerate"),
]


@pytest.mark.parametrize(("error", "builtin", "code"), FAMILY)
def test_every_error_is_also_a_builtin(
    error: errors.EsdhError, builtin: type[Exception], code: str
) -> None:
    """Callers may catch the builtin or the family, and codes never change."""
    assert isinstance(error, builtin)
    assert isinstance(error, errors.EsdhError)
    assert code == error.code


@pytest.mark.parametrize("error", [error for error, _, _ in FAMILY])
def test_errors_survive_pickling(error: errors.EsdhError) -> None:
    """An error of a worker process reaches its parent as it was."""
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # made on this line

    assert (type(error), str(error), error.__dict__) == (type(copy), str(copy), copy.__dict__)


def test_long_names_are_shown_shortened() -> None:
    """A hostile name does not fill the screen."""
    assert len(str(errors.UnknownNameError("table", "x" * 10_000, ["persons"]))) < 200
