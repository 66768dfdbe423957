# The benefit over two moderators of moderators_tied by a restricted cubic spline of four knots, its basis written out (Harrell 2015,
# Regression Modeling Strategies, section 2.4.5): the difference between the arms at five places, the tests of the interaction.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "mixed_models.R"))
d <- read.csv(file.path(here(), "..", "moderators_tied", "data.csv"), na.strings = "")
cube <- function(x) pmax(x, 0)^3
basis <- function(x, t) {
  k <- length(t)
  cbind(x, sapply(seq_len(k - 2), function(j) (cube(x - t[j]) - cube(x - t[k - 1]) * (t[k] - t[j]) / (t[k] - t[k - 1]) +
    cube(x - t[k]) * (t[k - 1] - t[j]) / (t[k] - t[k - 1])) / (t[k] - t[1])^2))
}
random <- list(published = "(1 | study)", recommended = "(1 | study) + (0 + Tc | study)")
of_moderator <- function(name, turn, back) {
  e <- data.frame(study = d$study, T = d$arm, Tc = d$arm - 0.5, y = d$score, x = turn(d[[name]]))
  e <- e[!is.na(e$y) & !is.na(e$x), ]
  t <- quantile(e$x, c(.05, .35, .65, .95), names = FALSE)
  scale <- sd(e$x); center <- mean(e$x); z <- function(x) (x - center) / scale
  b <- basis(z(e$x), z(t))
  for (j in 1:3) { e[[paste0("b", j)]] <- b[, j]; e[[paste0("Tb", j)]] <- b[, j] * e$T }
  at <- seq(min(e$x), max(e$x), length.out = 41)[c(1, 11, 21, 31, 41)]
  list(n = nrow(e), knots = back(t), at = back(at), models = lapply(random, function(part) {
    fit <- best_lmer(as.formula(paste("y ~ T + b1 + b2 + b3 + Tb1 + Tb2 + Tb3 +", part)), e, TRUE)
    names <- names(fixef(fit))
    test <- function(terms) { f <- contestMD(fit, diag(length(names))[names %in% terms, ], ddf = "Satterthwaite")
      list(f = f$`F value`, df1 = f$NumDF, df2 = f$DenDF, p = f$`Pr(>F)`) }
    lines <- t(apply(basis(z(at), z(t)), 1, function(own) { line <- setNames(numeric(length(names)), names)
      line["T"] <- 1; line[paste0("Tb", 1:3)] <- own; line }))
    s <- contest(fit, lines, joint = FALSE, ddf = "Satterthwaite", confint = TRUE)
    list(value = s$Estimate, low = s$lower, high = s$upper, nonlinear = test(c("Tb2", "Tb3")), interaction = test(c("Tb1", "Tb2", "Tb3")))
  }))
}
save_reference(list(visits = of_moderator("visits", identity, identity),
  crp = of_moderator("crp", function(x) log(ifelse(x > 0, x, NA)), exp)))
