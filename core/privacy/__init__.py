"""Privacy: what in a study's file could tell who a patient is, and what a person decided to do about it.

`signs` points columns out, `decisions` are the choices as data, `cut` carries them out on what was read. Nothing is
dropped without a decision; until there is one, the column is an issue and the file is kept whole.
"""
