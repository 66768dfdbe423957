# The bundled synthetic demo, from the generator's own truth: what lme4 and metafor make of the same 720 patients.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "logistic_models.R"))
truth <- read.csv(file.path(here(), "..", "..", "data", "demo_truth.csv"), colClasses = c(study = "character", patient = "character"))
truth <- truth[truth$excluded == "" | is.na(truth$excluded), ]

of_outcome <- function(followup) {
  improvement <- 100 * (truth$madrs_baseline - followup) / truth$madrs_baseline
  has <- !is.na(improvement)
  d <- data.frame(study = truth$study, T = truth$arm, Tc = truth$arm - 0.5, raw = improvement, y = as.numeric(scale(improvement)),
    baseline = truth$madrs_baseline, score = followup)[has, ]
  event <- function(happened) data.frame(study = d$study, T = d$T, event = as.numeric(happened))
  arms <- do.call(rbind, lapply(split(d, d$study), function(s) data.frame(study = s$study[1],
    estimate = mean(s$y[s$T == 1]) - mean(s$y[s$T == 0]),
    se = sqrt(var(s$y[s$T == 1]) / sum(s$T == 1) + var(s$y[s$T == 0]) / sum(s$T == 0)))))
  pooled <- rma(estimate, se^2, data = arms, method = "REML", test = "knha", control = list(threshold = 1e-12, maxiter = 1000))
  ancova <- transform(d, y = score)
  list(standardized = list(published = linear(published, d, "T"), recommended = linear(recommended, d, "T")),
    raw = list(published = linear(raw ~ T + (1 | study), d, "T"), recommended = linear(raw ~ T + (1 | study) + (0 + Tc | study), d, "T")),
    ancova = list(published = linear(y ~ T + baseline + (1 | study), ancova, "T"),
      recommended = linear(y ~ T + baseline + (1 | study) + (0 + Tc | study), ancova, "T")),
    response = logistic(event ~ T + (1 | study), event(d$raw >= 50), 15),
    remission = logistic(event ~ T + (1 | study), event(d$score <= 9), 15),
    two_stage = list(estimate = pooled$beta[1], ci_low = pooled$ci.lb, ci_high = pooled$ci.ub, tau2 = pooled$tau2, i2 = pooled$I2,
      q = pooled$QE))
}
save_reference(list(outcomes = list(rapid = of_outcome(truth$madrs_rapid), post_rapid = of_outcome(truth$madrs_post_rapid))))
