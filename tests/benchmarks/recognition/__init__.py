"""Recognition on photographs, the textbook method beside ours: `python -m tests.benchmarks.recognition`.

[--photos DIR] [--garments DIR] [--encoder ID] [--json FILE] [--only WORD ...]. DIR holds a manifest.csv (path, class,
sample_id); the garments' manifest also has a region (x, y, w, h). One table: textbook against ours in the same run, the
mean over physical samples with its 95 % interval, the goal, and whether it was reached. What a folder's photographs
cannot show is said instead of a figure. Embeddings are kept below the person's own folder.
"""
