"""Modscope's method, free of any window.

Reading order, which is the order of the data:
`sources` (what was read) -> `table_layout` (the table in it) -> `mapping` and `suggest` (which column is what) ->
`harmonize` (one table, every change logged) -> `plan` (what to estimate) -> `cohort` (who is analyzed) ->
`analysis` (the run) -> `results` and `tables` (estimates) -> `export` (files). `session` holds the stages so far,
`project` keeps them in a file, `cli` is the program without a window. Packages are sets of interchangeable parts:
`readers`, `models`, `figures`, `report`.

Glossary
    study        one trial; a file of its own
    patient      one person in a study; analyzed once, from the first infusion
    arm          active (1) or control (0), by treatment and dose
    outcome      percent improvement from baseline to a timepoint, or a ready value
    timepoint    a window after the first infusion with a target, such as rapid (24 h)
    moderator    a baseline characteristic that may change the effect
    primary set  patients in an eligible arm with at least one usable outcome
    availability share of the primary set that has a moderator
    tier         how a moderator is tested, by its availability
    protocol     what we look for, as data; plan: what to estimate, as data
    published    as in the source publication; recommended: what we would put beside it
"""

__version__ = "0.1.0"
