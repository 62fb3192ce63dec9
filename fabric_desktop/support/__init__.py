"""What helps when something is wrong: the doctor, the report of a problem, whose work the program is made of.

Puts nothing right by itself and sends nothing anywhere.
"""
