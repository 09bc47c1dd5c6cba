"""The parts of `scripts/pilot_metrics.py`."""
