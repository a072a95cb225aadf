"""Lines of any content against a running pump with keys: none changes anything, each is answered, nothing grows (C-01).

`disturbed` holds the pump against an undisturbed twin, `mutants` makes lines by chance, `strategies` by hypothesis,
`guided` by coverage (atheris); `host` changes a pump's replies to a host. `python -m tests.fuzz --lines 1000000` is all
of it.
"""
