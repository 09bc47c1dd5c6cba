"""Run the demo.

The program is demo_flow/command_line.py; here it only gets its name.
"""

from demo_flow.program import run_program

if __name__ == "__main__":
    run_program("demo", "demo_flow.command_line")
