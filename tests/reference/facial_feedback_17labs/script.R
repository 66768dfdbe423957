# Wagenmakers et al. 2016, Perspect Psychol Sci 11:917-928 (doi 10.1177/1745691616674458): 17 labs, n = 1894.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "mixed_models.R"))
d <- shared("facial_feedback_17labs.csv")
d <- d[d$included == 1, ]
d <- data.frame(study = d$lab, y = d$mean_rating_correct, T = d$condition, Tc = d$condition - 0.5)
arms <- do.call(rbind, lapply(split(d, d$study), function(s) data.frame(study = s$study[1],
  estimate = mean(s$y[s$T == 1]) - mean(s$y[s$T == 0]),
  se = sqrt(var(s$y[s$T == 1]) / sum(s$T == 1) + var(s$y[s$T == 0]) / sum(s$T == 0)))))
pool <- function(method, test) {
  m <- rma(estimate, se^2, data = arms, method = method, test = test, control = list(threshold = 1e-12, maxiter = 1000))
  list(estimate = m$beta[1], se = m$se, ci_low = m$ci.lb, ci_high = m$ci.ub, p = m$pval, tau2 = m$tau2, i2 = m$I2, q = m$QE)
}
save_reference(list(published = linear(published, d, "T"), recommended = linear(recommended, d, "T"),
  lme4_confint_published = lme4_confint(published, d, "T"), lme4_confint_recommended = lme4_confint(recommended, d, "T"),
  per_study = arms, two_stage_hartung_knapp = pool("REML", "knha"), two_stage_wald = pool("REML", "z"),
  two_stage_dl = pool("DL", "z"), two_stage_pm = pool("PM", "z"), numbers = numbers_of("facial_feedback_17labs"),
  lab_intercepts = linear_whole(y ~ 0 + study + T + (0 + Tc | study), d, "T")))
