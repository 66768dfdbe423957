"""Moderators one by one, and combined.

values          a moderator as it is analyzed
interactions    what the mixed models say of it
effect_size     r over pairs of an active and a control patient
resampled       its bootstrap
benefit         the benefit over a continuous moderator by a spline
intervals       the bootstrap of all moderators and outcomes
multiplicity    adjustment for many tests
pictured        what the figures of one moderator show
left_out        who is not in its analysis
battery         moderator_models, with_intervals: all moderators with all outcomes

members         a set: what can be combined, and who has it
set_costs       what a set and each further moderator cost, before a run
pairs           moments over pairs of an active and a control patient, from those within the arms
penalized       weights by elastic net, ridge or lasso; the choice of the penalty
validation      patients and studies held out, permutations, stability
flexible        what a forest finds where M* is held out
crossing        arms' lines over M*, crossing point, sides, calibration
combined        combined_effects: all sets with all outcomes
combined_pictured  a set's patients along M* again
calculator      what its published model foretells for values that somebody tries
"""
