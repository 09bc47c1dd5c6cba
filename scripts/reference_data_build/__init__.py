"""Build the reference tables of ESDH from open packages and typed facts."""
