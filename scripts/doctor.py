"""Look at everything that a demo needs.

The program is demo_flow/doctor.py; here it only gets its name.
"""

from demo_flow.program import run_program

if __name__ == "__main__":
    run_program("doctor", "demo_flow.doctor")
