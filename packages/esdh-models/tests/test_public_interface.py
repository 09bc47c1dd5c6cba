"""The names that other packages may use."""

import esdh_models


def test_public_names_are_pinned() -> None:
    """The package offers exactly these names."""
    expected = {
        "CONTRACT_VERSIONS", "LATEST_CONTRACT_VERSION", "Column", "ColumnContract", "ColumnKind",
        "Contract", "DatasetIdentity", "DatasetRequest", "DatasetSource", "FewRows", "Packaging",
        "PlainValue", "Row", "Statistic", "TableContract", "codes", "data_dictionary",
        "dataset_request", "errors", "get_contract", "invented_names", "licence_formats",
        "manifest", "never_real", "strict_yaml", "validation", "vin",
    }  # fmt: skip

    assert expected == set(esdh_models.__all__)
    assert all(hasattr(esdh_models, name) for name in expected)
