"""Row models: one folder per contract version, one file per table."""
