# A residual variance of each study: nlme on those invented datasets of generated_edges whose studies all have eight patients.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "residual_models.R"))
d <- read.csv(file.path(here(), "..", "generated_edges", "data.csv"))
chosen <- c(1, 7, 9, 10, 12, 17, 22, 24, 27, 29)
save_reference(list(datasets = lapply(split(d, d$dataset)[chosen], function(data) {
  data$study <- factor(data$study)
  data$Tc <- data$T - 0.5
  list(covariate = residual_by_study(y ~ T + x, data, ~ 1), slope = residual_by_study(y ~ T, data, ~ Tc))
})))
