# Each study's conditional effects and the variance of these given the estimates, and predictions of the fixed part, for the twenty
# datasets of generated_linear. The variances of effects are lme4's: given variances and coefficients, as if both were known.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "mixed_models.R"))
d <- read.csv(file.path(here(), "..", "..", "..", "resources", "selftest", "linear", "data.csv"))
models <- list(published = y ~ T + (1 | study), recommended = y ~ T + (1 | study) + (0 + Tc | study),
  published_moderator = y ~ T + x + T:x + (1 | study), recommended_moderator = y ~ T + x + T:x + (1 | study) + (0 + Tc | study))
rows <- data.frame(T = c(0, 1, 1), x = c(-1, 0, 2), y = 0)

effects_of <- function(formula, data) {
  fit <- best_lmer(formula, data, TRUE)
  effects <- ranef(fit, condVar = TRUE)$study
  variances <- attr(effects, "postVar")  # an array, or one for each term of the formula
  variances <- if (is.list(variances)) sapply(variances, as.vector) else matrix(variances)
  X <- model.matrix(nobars(formula), rows)
  list(terms = names(fixef(fit)), beta = unname(fixef(fit)), boundary = I(boundary(fit)), studies = rownames(effects),
       effects = I(names(effects)), values = unname(as.matrix(effects)), variances = unname(variances),
       predictions = unname(drop(X %*% fixef(fit))), prediction_se = unname(sqrt(rowSums((X %*% as.matrix(vcov(fit))) * X))))
}

save_reference(list(rows = rows[c("T", "x")], datasets = lapply(split(d, d$dataset), function(data) {
  data$Tc <- data$T - 0.5
  lapply(models, effects_of, data)
})))
