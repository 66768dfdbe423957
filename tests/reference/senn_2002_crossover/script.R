# Senn 2002 (Cross-over Trials, chapter 3): peak flow of 13 children under formoterol (1) and salbutamol (0), both periods.
# The child takes the place of the study.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "mixed_models.R"))
d <- shared("crossover_senn_asthma_long.csv")
d <- data.frame(study = d$subject, y = d$pef, T = as.numeric(d$treatment == "for"), period = d$period)
save_reference(list(numbers = numbers_of("crossover_senn_asthma_long"), model = linear_whole(y ~ T + period + (1 | study), d, "T")))
