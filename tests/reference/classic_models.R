# What the scripts on classic data share: the models of reaction times by day (x) and of disease in herds by period.
local({
  folder <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
  beside <- file.path(c(folder, file.path(folder, "..")), "logistic_models.R")
  source(beside[file.exists(beside)][1])
})

reaction_models <- function(data) {
  independent <- y ~ x + (1 | study) + (0 + x | study)
  correlated <- y ~ x + (1 + x | study)
  list(correlated = c(linear_whole(correlated, data, "x"), lme4_limits = list(all_limits(correlated, data))),
       independent = c(linear_whole(independent, data, "x"), variance_limits = list(variance_limits(independent, data)),
         lme4_limits = list(all_limits(independent, data))))
}

# lme4's own profile of everything: standard deviations, correlation, coefficients.
all_limits <- function(formula, data) {
  table <- suppressWarnings(confint(best_lmer(formula, data, FALSE), quiet = TRUE, oldNames = FALSE))
  sapply(rownames(table), function(row) unname(table[row, ]), simplify = FALSE)
}

# Cases among `size` animals, one row an animal; the deviance is of these.
herd_models <- function(herds) {
  rows <- rep(seq_len(nrow(herds)), herds$size)
  data <- data.frame(study = herds$study[rows], event = unlist(Map(function(cases, size) rep(1:0, c(cases, size - cases)),
    herds$cases, herds$size)))
  for (period in 2:4) data[[paste0("period", period)]] <- as.numeric(herds$period[rows] == period)
  lapply(c(laplace = 1, quadrature15 = 15), function(nodes) logistic_whole(event ~ period2 + period3 + period4 + (1 | study),
    data, nodes, paste0("period", 2:4)))
}
