"""Write or compare the canned samples of the demo.

The program is demo_flow/canned_samples.py; here it only gets its name.
"""

from demo_flow.program import run_program

if __name__ == "__main__":
    run_program("demo samples", "demo_flow.canned_samples")
