# Nine calcium trials as published pseudo patient data (Papadimitropoulou et al., R/pseudoIPD.pre-post.R): follow-up score.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "mixed_models.R"))
d <- shared("pseudoipd_calcium_9trials.csv")
d <- data.frame(study = d$study, y = d$followup, x = d$baseline, T = d$group, Tc = d$group - 0.5)
arms <- do.call(rbind, lapply(split(d, d$study), function(s) data.frame(study = s$study[1],
  estimate = mean(s$y[s$T == 1]) - mean(s$y[s$T == 0]),
  se = sqrt(var(s$y[s$T == 1]) / sum(s$T == 1) + var(s$y[s$T == 0]) / sum(s$T == 0)))))
# Two-stage ANCOVA as in the published code: its pooled row stands in reference_numbers.csv (-0.443, tau2 0.573).
ancova <- do.call(rbind, lapply(split(d, d$study), function(s) {
  m <- summary(lm(y ~ x + T, s))$coefficients["T", ]
  data.frame(study = s$study[1], estimate = m[[1]], se = m[[2]]) }))
pool <- function(arms, method, test) {
  m <- rma(estimate, se^2, data = arms, method = method, test = test, control = list(threshold = 1e-12, maxiter = 1000))
  list(estimate = m$beta[1], se = m$se, ci_low = m$ci.lb, ci_high = m$ci.ub, p = m$pval, tau2 = m$tau2, i2 = m$I2, q = m$QE,
       weights = as.numeric(weights(m)))
}
save_reference(list(
  published = linear(published, d, "T"), recommended = linear(recommended, d, "T"),
  ancova_published = linear(update(published, . ~ . + x), d, "T"),
  ancova_recommended = linear(update(recommended, . ~ . + x), d, "T"),
  per_study = arms, per_study_ancova = ancova,
  two_stage_hartung_knapp = pool(arms, "REML", "knha"), two_stage_wald = pool(arms, "REML", "z"),
  two_stage_dl = pool(arms, "DL", "z"), two_stage_pm = pool(arms, "PM", "z"),
  two_stage_ancova = pool(ancova, "REML", "knha")))
