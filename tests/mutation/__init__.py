"""Tests of the tests: does one fail when the firmware's logic is changed in a single place? `make mutate`.

mutmut's operators make the changes, called mutants (mutants.py); coverage tells which tests run the changed lines
(relevant.py); each mutant meets those in a fork of one pytest process (loop.py); survivors/ lists survivors that are
known, each with its reason (survivors.py); report.py has the figures.

Neither mutmut's own runner nor cosmic-ray would do. mutmut calls every function through a trampoline that looks up
which mutant is on: ten simulated days take 0.52 s in place of 0.11. It picks tests by function, and most functions here
are run by every test. cosmic-ray writes each mutant to disk and starts the tests anew: only to collect them takes some
seconds, and there are 9,000 mutants.
"""
