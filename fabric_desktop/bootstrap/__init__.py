"""From a bare Python to a running program: makes .venv, keeps it right, starts what was asked for.

Standard library only, since nothing is installed yet when it runs. Not for anything about fabrics.
"""
