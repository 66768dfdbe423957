# Two simulated trials in the likeness of UNCOVER-2 and -3: PASI 75 under ixekizumab (1) or etanercept (0), by weight.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "logistic_models.R"))
d <- shared("plaque_psoriasis_ipd_sim.csv")
d <- d[d$studyc %in% c("UNCOVER-2", "UNCOVER-3") & d$trtc %in% c("ETN", "IXE_Q2W") & !is.na(d$weight), ]
d <- data.frame(study = d$studyc, event = d$pasi75, T = as.numeric(d$trtc == "IXE_Q2W"), w = d$weight)
d$w <- (d$w - ave(d$w, d$study)) / 10  # tens of kg from the mean of the study
d$`T:w` <- d$T * d$w
mixed <- function(nodes) logistic_whole(event ~ T + w + T:w + (1 | study), d, nodes, c("T", "T:w"))
save_reference(list(numbers = numbers_of("plaque_psoriasis_ipd_sim"), glm = plain_logistic(event ~ study + T + w + T:w, d),
  laplace = mixed(1), quadrature15 = mixed(15)))
