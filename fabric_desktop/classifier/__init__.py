"""What the references of a bank say of an embedding: a classifier on arrays, in closed form, fitted at each load.

`ridge` is what banks of usual size have, `nearest` what very large ones have, and `like_with_like` one of either for
each way in which photos were taken. `discriminant` is the second half of what `ridge` says; `left_out` what it would
say of its own references had it not seen their swatch, from which `temperature` and `bounds` come: how sure an answer
may be, and when it is "not close to anything". Nothing here knows files, names or the window.
"""
