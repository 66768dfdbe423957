"""Moderators one by one.

values          a moderator as it is analyzed
interactions    what the mixed models say of it
effect_size     r over pairs of an active and a control patient
resampled       its bootstrap
intervals       the bootstrap of all moderators and outcomes
multiplicity    adjustment for many tests
battery         moderator_models, with_intervals: all moderators with all outcomes
"""
