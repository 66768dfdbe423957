# Two stages, the second: what metafor makes of nine invented sets of study estimates, kept here and in the output.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "mixed_models.R"))
set.seed(20225)
draw <- function(k, tau, bias = 0) {
  se <- round(runif(k, 0.1, 0.6), 4)
  data.frame(estimate = round(0.4 + tau * rnorm(k) + se * rnorm(k) + bias * se, 4), se = se)
}
sets <- list(two_alike = draw(2, 0), two_apart = draw(2, 3), three = draw(3, 0.5), five_alike = draw(5, 0), ten = draw(10, 0.3),
  seventeen_alike = draw(17, 0), seventeen_apart = draw(17, 2), thirty_skewed = draw(30, 0.2, bias = 1.5),
  # Closer than chance allows: generalized Q is below its lower quantile at zero already.
  ten_too_alike = transform(draw(10, 0), estimate = 0.3 + round(0.02 * rnorm(10), 4)))
tight <- list(threshold = 1e-13, maxiter = 10000, tol = 1e-14)
METHODS <- c("REML", "DL", "PM")
pool <- function(set, method, test) rma(estimate, se^2, data = set, method = method, test = test, control = tight)

# The prediction interval on k - 2 df (METHODS section 9), which metafor calls Riley's.
prediction <- function(fit) {
  p <- predict(fit, pi.type = "riley")
  if (fit$k > 2) c(p$pi.lb, p$pi.ub)
}
of_tau2 <- function(fit, type) {
  table <- confint(fit, type = type, control = list(tol = 1e-13, maxiter = 10000, tau2.max = 1e5))$random
  lapply(list(tau2 = "tau^2", i2 = "I^2(%)"), function(row) unname(table[row, c("ci.lb", "ci.ub")]))
}
pooled <- function(set, method) {
  wald <- pool(set, method, "z"); knapp <- pool(set, method, "knha")
  list(estimate = wald$beta[1], se = wald$se, wald = c(wald$ci.lb, wald$ci.ub), wald_p = wald$pval, hartung_knapp_se = knapp$se,
       hartung_knapp = c(knapp$ci.lb, knapp$ci.ub), hartung_knapp_p = knapp$pval, tau2 = wald$tau2, i2 = wald$I2, h2 = wald$H2,
       q = wald$QE, q_p = wald$QEp, prediction = prediction(wald), weights = as.numeric(weights(wald)),
       loglik = as.numeric(logLik(wald)))
}
without_one <- function(set) {
  left <- leave1out(pool(set, "REML", "knha"))
  list(estimate = left$estimate, hartung_knapp_se = left$se, hartung_knapp_low = left$ci.lb, hartung_knapp_high = left$ci.ub,
       p = left$pval, tau2 = left$tau2, i2 = left$I2, q = left$Q)
}
egger <- function(set) {
  test <- regtest(pool(set, "REML", "z"), model = "lm")
  slope <- coef(summary(test$fit))
  list(t = test$zval, df = test$dfs, p = test$pval, intercept = slope[1, 1], intercept_se = slope[1, 2], slope = slope[2, 1],
       slope_se = slope[2, 2])
}
save_reference(list(sets = lapply(sets, function(set) {
  k <- nrow(set); reml <- pool(set, "REML", "z")
  c(list(k = k, estimates = set$estimate, ses = set$se), sapply(tolower(METHODS), function(m) pooled(set, toupper(m)), simplify = FALSE),
    list(q_profile = of_tau2(reml, "QP"), profile_likelihood = of_tau2(reml, "PL"), leave_one_out = if (k > 2) without_one(set),
      egger = if (k >= 10) egger(set)))
})))
