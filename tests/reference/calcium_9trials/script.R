# Nine calcium trials as published pseudo patient data (Papadimitropoulou et al., R/pseudoIPD.pre-post.R): follow-up score.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "residual_models.R"))
d <- shared("pseudoipd_calcium_9trials.csv")
d <- data.frame(study = d$study, y = d$followup, x = d$baseline, T = d$group, Tc = d$group - 0.5)
d$xm <- ave(d$x, d$study)
d$xw <- d$x - d$xm
d$`xw:T` <- d$xw * d$T
arms <- do.call(rbind, lapply(split(d, d$study), function(s) data.frame(study = s$study[1],
  estimate = mean(s$y[s$T == 1]) - mean(s$y[s$T == 0]),
  se = sqrt(var(s$y[s$T == 1]) / sum(s$T == 1) + var(s$y[s$T == 0]) / sum(s$T == 0)))))
# Two-stage ANCOVA as in the published code: its pooled row stands in reference_numbers.csv (-0.443, tau2 0.573).
ancova <- do.call(rbind, lapply(split(d, d$study), function(s) {
  m <- summary(lm(y ~ x + T, s))$coefficients["T", ]
  data.frame(study = s$study[1], estimate = m[[1]], se = m[[2]]) }))
interactions <- do.call(rbind, lapply(split(d, d$study), function(s) {
  m <- summary(lm(y ~ x * T, s))$coefficients["x:T", ]
  data.frame(study = s$study[1], estimate = m[[1]], se = m[[2]]) }))
d$study <- factor(d$study)

# Their one-stage models: an intercept and a baseline slope of each study, a random treatment effect.
stratified <- y ~ 0 + study + xw:study + T + (0 + Tc | study)
interaction <- y ~ 0 + study + xw:study + T + xw:T + T:xm + (0 + Tc | study)
# nlme as the published code sets it: it stops short of the optimum (the rerun in reference_numbers.csv is this one).
published_settings <- function(fixed, weights = NULL) {
  fit <- suppressWarnings(do.call(nlme::lme, list(fixed, data = d, random = ~ 0 + Tc | study, weights = weights, method = "REML",
    control = nlme::lmeControl(opt = "optim", msMaxIter = 100))))
  wanted <- grepl("T", names(fixef(fit)))
  list(terms = names(fixef(fit))[wanted], beta = unname(fixef(fit)[wanted]), se = unname(sqrt(diag(fit$varFix))[wanted]),
       tau = as.numeric(nlme::VarCorr(fit)["Tc", "StdDev"]), loglik = as.numeric(logLik(fit)))
}
# Their code writes each slope as the difference from the first study's; where an optimizer stops depends on that.
as_differences <- list(ancova = y ~ xw + T + study + xw:study, interaction = y ~ xw * study + xw * T + T:xm)
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
  two_stage_ancova = pool(ancova, "REML", "knha"),
  numbers = numbers_of("pseudoipd_calcium_9trials"),
  stratified = linear_whole(stratified, d, "T"), stratified_residuals = residual_by_study(nobars(stratified), d, ~ 0 + Tc),
  interaction = linear_whole(interaction, d, "xw:T"),
  interaction_residuals = residual_by_study(nobars(interaction), d, ~ 0 + Tc),
  published_settings = list(stratified = published_settings(as_differences$ancova),
    stratified_residuals = published_settings(as_differences$ancova, each_study),
    interaction = published_settings(as_differences$interaction)),
  per_study_interaction = interactions, two_stage_interaction_wald = pool(interactions, "REML", "z"),
  two_stage_interaction_hartung_knapp = pool(interactions, "REML", "knha")))
