"""Run the quick tests, a minute of work at most.

The program is demo_flow/smoke_tests.py; here it only gets its name.
"""

from demo_flow.program import run_program

if __name__ == "__main__":
    run_program("smoke tests", "demo_flow.smoke_tests")
