"""The names that other packages may use."""

import esdh_generator


def test_public_names_are_pinned() -> None:
    """The package offers exactly these names."""
    assert esdh_generator.__all__ == ["RULES_VERSIONS", "SCENARIOS", "Dataset", "RecordLocation"]


def test_every_public_name_exists() -> None:
    """What `__all__` lists can be had."""
    assert [name for name in esdh_generator.__all__ if not hasattr(esdh_generator, name)] == []


def test_rules_and_scenarios_are_pinned() -> None:
    """Golden digests belong to these rules; a change of either is a release."""
    assert esdh_generator.RULES_VERSIONS == {"v0.1": 1}
    assert esdh_generator.SCENARIOS == ("baseline",)
