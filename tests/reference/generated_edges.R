# Thirty more invented datasets with a moderator x, each for one edge. The data are drawn once and kept in data.csv, so that
# the comparison does not hang on R's generator. With generated_linear they make fifty.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "mixed_models.R"))
script_folder <- here()
here <- function() file.path(script_folder, "generated_edges")

# Ways to draw a moderator: functions of a study's treatment.
by_patient <- function(T) rnorm(length(T)) + 0.3 * rnorm(1)
by_study <- function(T) rep(round(rnorm(1), 2), length(T))
one_of <- function(values) function(T) rep(sample(values, 1), length(T))
binary <- function(share) function(T) rbinom(length(T), 1, share)

# Studies of `sizes`; SDs of their intercepts `tau` and slopes `nu`, correlated by `rho`; active patients by `share` (recycled);
# the first `one_arm` studies have only one; `y` turns the outcome (residual SD 1) into what is recorded.
trials <- function(sizes, tau = 0.5, nu = 0.3, rho = 0, share = 0.5, one_arm = 0, x = by_patient, y = identity) {
  share <- rep_len(share, length(sizes))
  rows <- do.call(rbind, lapply(seq_along(sizes), function(s) {
    T <- rbinom(sizes[s], 1, share[s])
    T[1:2] <- c(0, 1)
    if (s <= one_arm) T[] <- s %% 2
    effects <- rnorm(2)
    slope <- nu * (rho * effects[1] + sqrt(1 - rho^2) * effects[2])
    data.frame(study = s, T = T, x = x(T), random = tau * effects[1] + slope * (T - 0.5) + rnorm(sizes[s]))
  }))
  z <- as.numeric(scale(rows$x))
  outcome <- 10 + 0.4 * rows$T + 0.3 * z + 0.2 * rows$T * z + rows$random
  data.frame(study = rows$study, T = rows$T, x = round(rows$x, 5), y = signif(y(outcome), 7))
}
sizes <- function(k, low, high) sample(low:high, k, replace = TRUE)

draw <- function() list(
  trials(c(30, 45)),  # 1 two studies: the variance between them hangs on one difference
  trials(sizes(3, 8, 20), tau = 0.8),  # 2 three small studies
  trials(sizes(40, 3, 9), tau = 0.4, nu = 0.4),  # 3 forty tiny studies
  trials(rep(3, 12)),  # 4 three patients a study
  trials(c(3000, sizes(7, 5, 40)), nu = 0.4),  # 5 one study of 3,000 among small ones
  trials(c(1200, sizes(15, 4, 30)), tau = 0.3, share = c(0.5, 0.3, 0.7)),  # 6 one of 1,200, uneven arms
  trials(sizes(17, 20, 60), tau = 0, nu = 0),  # 7 no variance between studies
  trials(sizes(12, 40, 120), tau = 0.04, nu = 0.03),  # 8 hardly any
  trials(sizes(12, 8, 24), tau = 1000),  # 9 huge variance of intercepts
  trials(sizes(10, 8, 24), tau = 50, nu = 30),  # 10 huge variances of both
  trials(sizes(14, 10, 40), share = 0.06),  # 11 few active patients
  trials(sizes(14, 10, 40), share = 0.94),  # 12 few controls
  trials(sizes(16, 8, 40), share = c(0.1, 0.9)),  # 13 arms uneven in opposite ways
  trials(sizes(12, 8, 24), one_arm = 2),  # 14 two studies with one arm
  trials(sizes(14, 8, 24), one_arm = 7),  # 15 half the studies with one arm
  trials(sizes(15, 10, 30), x = function(T) T + 0.05 * rnorm(length(T))),  # 16 x is nearly the treatment
  trials(sizes(15, 10, 30), x = function(T) 50 + 0.02 * rnorm(length(T))),  # 17 x hardly varies
  trials(sizes(15, 20, 60), x = binary(0.03)),  # 18 x is nearly always 0
  trials(sizes(13, 10, 30), y = function(y) pmax(round(y - 8), 0)),  # 19 an outcome of a few whole numbers
  trials(sizes(13, 10, 30), y = function(y) round(y), x = function(T) rpois(length(T), 1)),  # 20 counts throughout: ties
  trials(sizes(17, 8, 30), x = binary(0.4)),  # 21 binary x
  trials(sizes(9, 10, 30), y = function(y) 1e4 + 10 * y),  # 22 outcome far from zero
  trials(sizes(9, 10, 30), y = function(y) 1e-6 * y),  # 23 outcome on a tiny scale
  trials(sizes(17, 10, 40), x = function(T) 130 + 15 * rnorm(length(T)), y = function(y) 30 * (y - 9)),  # 24 natural units
  trials(sizes(17, 10, 40), x = by_study, nu = 0.4),  # 25 x belongs to the study
  trials(sizes(10, 10, 40), x = one_of(0:1), nu = 0.4),  # 26 the same, binary
  trials(sizes(20, 10, 30), x = one_of(1:3)),  # 27 the same, three values
  trials(sizes(20, 20, 50), tau = 0.8, nu = 0.8, rho = 0.9),  # 28 intercept and slope strongly correlated
  trials(sizes(7, 8, 16), tau = 0.6, nu = 0.3, rho = 1),  # 29 by one, also at the optimum
  trials(sizes(7, 10, 20), tau = 1, nu = 0.6, rho = -1))  # 30 by minus one, also at the optimum

set.seed(20223)
file <- file.path(here(), "data.csv")
if (!file.exists(file)) {
  drawn <- draw()
  write.csv(do.call(rbind, Map(cbind, dataset = seq_along(drawn), drawn)), file, row.names = FALSE)
}
moderated <- list(published = y ~ T + x + T:x + (1 | study), recommended = y ~ T + x + T:x + (1 | study) + (0 + Tc | study),
  correlated = y ~ T + x + T:x + (1 + Tc | study))

# By study, with x as a covariate where it varies within studies.
stratified <- function(data) {
  varies <- any(tapply(data$x, data$study, sd) > 0)
  if (varies) y ~ 0 + study + T + x + (0 + Tc | study) else y ~ 0 + study + T + (0 + Tc | study)
}

# x in three groups: its values, or cut at its lower and upper third, both of them values of x.
thirds <- function(x) {
  values <- sort(unique(x))
  cuts <- if (length(values) <= 3) values[1:2] else unname(quantile(x, c(1, 2) / 3, type = 1))
  list(cuts = cuts, g = factor((x > cuts[1]) + (x > cuts[2]), levels = 0:2))
}

# One F test of both interaction terms. Of the outcome in units of its SD, for the reason given at `satterthwaite`.
joint_test <- function(formula, data) {
  unit <- sd(data$y)
  data$y <- data$y / unit
  fit <- best_lmer(formula, data, TRUE)
  if (length(fixef(fit)) < 6) return(list(note = "the groups of x and the treatment determine each other"))
  both <- diag(6)[grepl("T:g", names(fixef(fit))), ]
  test <- contestMD(fit, both, ddf = "Satterthwaite")
  kr <- if (!length(boundary(fit)) && nrow(data) < TOO_MANY) KRmodcomp(fit, both)$test["Ftest", ]
  list(terms = names(fixef(fit)), beta = unname(fixef(fit)) * unit, boundary = I(boundary(fit)), F = test$`F value`,
       ddf = test$DenDF, p = test$`Pr(>F)`, kr_F = kr$stat, kr_ddf = kr$ddf, kr_p = kr$p.value)
}

joint <- function(data, three) {
  if (any(table(three$g) == 0)) return(list(note = "x has no three groups"))
  data$g <- three$g
  list(cuts = three$cuts, published = joint_test(y ~ T * g + (1 | study), data),
       recommended = joint_test(y ~ T * g + (1 | study) + (0 + Tc | study), data))
}

# From coefficients fitted to x - center to those of x; `of`: for each term, the one its coefficient of x belongs to.
uncentered <- function(terms, center, of) {
  turn <- diag(length(terms))
  for (term in names(of)) turn[terms == term, terms == of[[term]]] <- -center
  turn
}

# x is fitted from its mean: far from it lme4's sums of squares lose digits (dataset 17: 2e-6 of a standard error).
all_models <- function(data) {
  started <- proc.time()[["elapsed"]]
  center <- mean(data$x)
  data$study <- factor(data$study)
  data$Tc <- data$T - 0.5
  three <- thirds(data$x)
  data$x <- data$x - center
  data$`T:x` <- data$T * data$x  # `limit` takes the term away from the outcome
  by_study <- stratified(data)
  names_of <- function(formula) colnames(model.matrix(nobars(formula), data))
  whole <- function(formula, term, of) linear_whole(formula, data, term, uncentered(names_of(formula), center, of))
  intercepts <- paste0("study", levels(data$study))
  result <- c(lapply(moderated, whole, "T:x", c("(Intercept)" = "x", T = "T:x")),
    list(stratified = whole(by_study, "T", setNames(rep("x", length(intercepts)), intercepts))))
  for (model in c("published", "recommended")) result[[model]]$variance_limits <- variance_limits(moderated[[model]], data)
  result$joint <- joint(data, three)
  message(data$dataset[1], ": ", round(proc.time()[["elapsed"]] - started), " s")
  result
}

d <- read.csv(file)
save_reference(list(datasets = lapply(split(d, d$dataset), all_models)))
