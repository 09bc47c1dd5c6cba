"""`python -m esdh_api`."""

from .main import main

main()
