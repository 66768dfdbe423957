# Moderators of the bundled synthetic demo, from the generator's own truth: what lme4, lmerTest and metafor make of the same patients,
# and Spearman's r over all pairs written out.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "mixed_models.R"))
truth <- read.csv(file.path(here(), "..", "..", "data", "demo_truth.csv"), colClasses = c(study = "character", patient = "character"))
truth <- truth[truth$excluded == "" | is.na(truth$excluded), ]
continuous <- c("age", "bmi", "systolic_bp", "age_at_onset", "n_medications")
binary <- c("female", "smoker", "inpatient", "us_site", "crossover", "trd_2plus", "any_anxiety", "benzodiazepine")

line <- function(fit, term) {
  s <- summary(fit, ddf = "Satterthwaite")$coefficients[term, ]
  list(estimate = s[[1]], se = s[[2]], df = s[[3]], p = s[[5]])
}
spearman <- function(e) {
  a <- e[e$T == 1, ]; b <- e[e$T == 0, ]
  value <- function(D, A) cor(as.vector(round(D, 9)), as.vector(round(A, 9)), method = "spearman")
  D <- outer(a$raw, b$raw, "-"); A <- outer(a$m, b$m, "+") / 2; same <- outer(a$study, b$study, "==")
  list(r = value(D, A), r_within = value(D[same], A[same]))
}
per_study <- function(e) {
  found <- lapply(split(e, e$study), function(s) if (nrow(s) > 4) {
    fit <- lm(y ~ T * m, s)
    if (!anyNA(coef(fit)) && df.residual(fit) > 0) coef(summary(fit))["T:m", 1:2]
  })
  do.call(rbind, found)
}
of_moderator <- function(d, name) {
  d$m <- if (name %in% continuous) as.numeric(scale(truth[[name]])) else truth[[name]]
  e <- d[!is.na(d$y) & !is.na(d$m), ]
  fit <- function(formula, data = e) best_lmer(formula, data, TRUE)
  found <- list(n = nrow(e), published = line(fit(y ~ T * m + (1 | study)), "T:m"),
    recommended = line(fit(y ~ T * m + (1 | study) + (0 + Tc | study)), "T:m"), predictor = line(fit(y ~ T + m + (1 | study)), "m"),
    active = line(fit(y ~ m + (1 | study), e[e$T == 1, ]), "m"), control = line(fit(y ~ m + (1 | study), e[e$T == 0, ]), "m"))
  found <- c(found, spearman(e))
  if (!(name %in% c("us_site", "crossover", "trd_2plus"))) {
    e$mA <- ave(e$m, e$study); e$mW <- e$m - e$mA
    both <- fit(y ~ T * mW + T * mA + (1 | study) + (0 + Tc | study))
    found$within <- line(both, "T:mW"); found$across <- line(both, "T:mA")
    s <- per_study(e)
    pooled <- rma(s[, 1], s[, 2]^2, method = "REML", test = "knha", control = list(threshold = 1e-12, maxiter = 1000))
    found$two_stage <- list(beta = pooled$beta[1], low = pooled$ci.lb, high = pooled$ci.ub, tau2 = pooled$tau2, i2 = pooled$I2,
      k = pooled$k)
  }
  found
}
of_outcome <- function(followup) {
  raw <- 100 * (truth$madrs_baseline - followup) / truth$madrs_baseline
  d <- data.frame(study = truth$study, T = truth$arm, Tc = truth$arm - 0.5, raw = raw, y = as.numeric(scale(raw)))
  sapply(c(continuous, binary), function(name) of_moderator(d, name), simplify = FALSE)
}
save_reference(list(outcomes = list(rapid = of_outcome(truth$madrs_rapid), post_rapid = of_outcome(truth$madrs_post_rapid))))
