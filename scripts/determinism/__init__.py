"""The parts of `scripts/determinism_matrix.py`."""
