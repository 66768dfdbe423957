"""Modscope's method, free of any window.

Reading order, which is the order of the data; what serves a stage stands in brackets:
`protocol`, `registry`   what we look for, who takes part [protocol_files, protocol_draft and protocol_fields: changed
                         by hand; registry_file]
`sources`                what was read [readers; first_rows; assembly: sheet_parts, sheet_join; table_layout:
                         header_rows, sheet_choice, codebook, told_codes; values]
`privacy`                what in it could tell who a patient is, and what is cut
`mapping`                which column is what [suggest; expression; rule_columns, new_rules; preview, first_patients;
                         rule_text, rules_table, rules_layout, rules_files, maelstrom; kit_columns, kit_facts: the
                         request kit; request_kit writes it; bulk: many decisions at once]
`harmonize`              one table, every change logged [records: clock, dates; arms, observations, windows, scores,
                         conversion; variables: formulas, evaluation, text_search; cells, findings; harmonized: the
                         nouns]
`integrity`              what only shows across patients, arms, studies and publications: warnings and notes
`plan`                   what to estimate [plan_lock: what was fixed before results, distributions]
`cohort`                 who is analyzed
`analysis`               the run [availability, further_outcomes, main_effects, sensitivity, second_opinion, agreement;
                         models; workers]
`results`                the estimates [combined_results, tables, summaries, wording, moderator_words,
                         combined_words, calculator_words, overview_words, labels; r_lines: a number as a call of R;
                         published: what the source publication has beside them]
`credibility`            how far a moderator is to be believed [credibility_answers: what results say to it]
`figure_choices`         how figures look and what they call things
`export`                 files [figures, report, table_file; preparation: how files became one table]
`missing` says what a study still lacks, `missing_request` asks its team.
`session` holds the stages so far (`steps`, `intake`, `resend`, `protocol_change`), `project` keeps them in a file,
`cli` is the program without a window (`command_options`, `pooled`, `locked_run`, `verify`, `checks`, `selftest`).
`documents`, `errors`, `progress`, `person`, `plain_text`, `file_writer` and `resources` serve all; `help_topics` are
the guide.
Packages are sets of interchangeable parts: `readers`, `integrity`, `models`, `moderators`, `figures`, `report`.

Glossary
    study        one trial; a file of its own
    patient      one person in a study; analyzed once, from the first infusion
    request kit  a workbook that a study team fills in; its columns say what they are
    arm          active (1) or control (0), by treatment and dose
    outcome      percent improvement from baseline to a timepoint, or a ready value
    further outcome  harmonized and reported beside it; only main effects, and only if the plan asks
    timepoint    a window after the first infusion with a target, such as rapid (24 h)
    moderator    a baseline characteristic that may change the effect
    primary set  patients in an eligible arm with at least one usable outcome
    M*           a set of moderators combined into one, by weights
    flexible learner  a forest in the place of M*, to see what straight lines leave aside; only if the plan asks
    availability share of the primary set that has a moderator
    tier         how a moderator is tested, by its availability
    protocol     what we look for, as data; plan: what to estimate, as data
    published    as in the source publication; recommended: what we would put beside it
"""

__version__ = "0.1.0"
