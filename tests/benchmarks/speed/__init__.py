"""How fast the program is, beside the plain way: `python -m tests.benchmarks.speed`.

[--only NAME ...] [--photos DIR] [--recognitions N] [--out FILE] [--list]. Prints one table (goal, plain way, ours,
ratio, spread over runs, peak memory, threads) and writes the same as JSON. Not here: whether the answers are right
(`recognition`).

A module of this package adds rows by having

    MEASURES: dict[str, Callable[[Options], Iterable[Row]]] = {"search": search, ...}

The key is what `--only` takes (so is the module's name). Every measure runs in a Python of its own, one after another,
with a home and a scratch folder of its own (`Options.folder`) and no display, so that memory and imports are its own;
a module therefore imports nothing heavy at its top. `frame` has what measures are made of:

- `interleaved(ours, plain, runs=..)` times two functions in turns, A B A B, so that a noisy machine hits both alike;
  `against_plain(...)` makes the row of it, with the ratio as the median over pairs.
- `Figure.of(values)`: median and quartiles. `Row(what, goal, unit, ours, plain=, ratio=, met=, peak_mb=, threads=,
  note=)`: `plain` is None where there is no plain way, `met` None where there is no goal; a missed goal says in `note`
  what stands in the way.
- `alone("tests.benchmarks.speed.module:function", *arguments)` runs a function in a fresh Python and returns its
  result with wall time, CPU time and peak memory: for what happens once a process (starting, first recognition).
- `peak_mb()`, `resident_mb()`: memory of this process. `baseline` is the plain way, `drawn` photos and libraries.
"""
