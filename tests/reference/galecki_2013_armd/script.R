# Age-related macular degeneration, visual acuity of 234 patients at up to four visits (Galecki & Burzykowski 2013, model M16.1).
# The patient takes the place of the study. The 36 centers and the outcome Diff52 are not in the shared data.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "mixed_models.R"))
d <- shared("armd_long_867.csv")
d <- data.frame(study = d$subject, y = d$visual, visual0 = d$visual0, time = d$time, T = as.numeric(d$treat.f == "Active"))
d$`time:T` <- d$time * d$T
save_reference(list(numbers = numbers_of("armd_long_867"),
  model = linear_whole(y ~ visual0 + time + T + time:T + (1 | study), d, "time:T")))
