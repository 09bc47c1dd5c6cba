"""A colourful look at the records of a demo profile.

The program is demo_flow/colourful_look.py; here it only gets its name.
"""

from demo_flow.program import run_program

if __name__ == "__main__":
    run_program("demo data", "demo_flow.colourful_look")
