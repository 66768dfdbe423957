# Beat the Blues: 100 patients, depression at up to four visits (HSAUR3; Hothorn & Everitt, vignette
# Ch_analysing_longitudinal_dataI, Fig 13.2). The patient takes the place of the study; the printed fit is by ML.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "mixed_models.R"))
d <- shared("btheb_beat_the_blues.csv")
at_month <- function(month) data.frame(study = d$subject, y = d[[paste0("bdi.", month, "m")]], pre = d$bdi.pre, time = month,
  T = as.numeric(d$treatment == "BtheB"), drug = as.numeric(d$drug == "Yes"), length = as.numeric(d$length == ">6m"))
visits <- na.omit(do.call(rbind, lapply(c(2, 3, 5, 8), at_month)))
save_reference(list(numbers = numbers_of("btheb_beat_the_blues"),
  model = linear_whole(y ~ pre + time + T + drug + length + (1 | study), visits, "T")))
