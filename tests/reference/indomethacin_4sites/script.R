# Elmunzer et al. 2012, NEJM 366:1414 (data: R package medicaldata, indo_rct): pancreatitis after ERCP, 602 patients, 4 sites.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "logistic_models.R"))
d <- shared("indo_rct_4sites.csv")
d <- data.frame(study = d$site, event = as.numeric(d$outcome == "1_yes"), T = as.numeric(d$rx == "1_indomethacin"), risk = d$risk)
save_reference(list(laplace = logistic(event ~ T + (1 | study), d, 1), quadrature15 = logistic(event ~ T + (1 | study), d, 15),
  covariate15 = logistic(event ~ T + risk + (1 | study), d, 15),
  numbers = numbers_of("indo_rct_4sites"), glm = plain_logistic(event ~ T, d)))
