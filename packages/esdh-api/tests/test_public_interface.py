"""The names that other packages may use."""

import esdh_api


def test_public_names_are_pinned() -> None:
    """The package offers exactly these names, and each can be had."""
    assert esdh_api.__all__ == ["Settings", "create_app"]
    assert [name for name in esdh_api.__all__ if not hasattr(esdh_api, name)] == []
