"""The demo: one snapshot, verified, beside a service that gives the same rows."""
