# What the reference scripts share: fits by lme4 to the last digit, and profile limits that do not stick.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(metafor); library(jsonlite)})

here <- function() dirname(normalizePath(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))))
shared <- function(name) {
  folder <- Sys.getenv("MODSCOPE_SHARED_DATA", file.path(here(), "..", "..", "..", "..", "shared", "data", "ipd"))
  read.csv(file.path(folder, name))
}

versions <- function() c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
  sapply(c("lme4", "lmerTest", "pbkrtest", "metafor", "Matrix"), function(p) as.character(packageVersion(p)), simplify = FALSE))

control <- lmerControl(optimizer = "nloptwrap", calc.derivs = FALSE, check.conv.singular = "ignore",
  optCtrl = list(algorithm = "NLOPT_LN_BOBYQA", xtol_abs = 1e-10, xtol_rel = 1e-12, ftol_abs = 1e-12, ftol_rel = 1e-15, maxeval = 10000))

# The best of several starts: at times the deviance has a minimum at zero variance and another inside.
best_lmer <- function(formula, data, REML) {
  q <- length(lme4::findbars(formula))
  starts <- list(rep(1, q), rep(0.1, q), rep(5, q))
  if (q == 2) starts <- c(starts, list(c(1, 0.02), c(0.02, 1)))
  fits <- lapply(starts, function(start) suppressWarnings(suppressMessages(
    lmerTest::lmer(formula, data, REML = REML, start = start, control = control))))
  criterion <- sapply(fits, function(fit) if (REML) REMLcrit(fit) else deviance(fit))
  fits[[which.min(criterion)]]
}

# The limit on one side: where the ML deviance, minimized over everything but the coefficient, has risen by qchisq(.95, 1).
limit <- function(formula, data, term, fit, side) {
  response <- all.vars(formula)[1]
  reduced <- update(formula, paste(". ~ . -", term))
  at <- function(b) {
    moved <- data
    moved[[response]] <- data[[response]] - b * data[[term]]
    deviance(best_lmer(reduced, moved, FALSE))
  }
  b <- fixef(fit)[[term]]; se <- sqrt(vcov(fit)[term, term])
  cut <- deviance(fit) + qchisq(.95, 1)
  far <- 3
  while (at(b + side * far * se) < cut) far <- far * 1.5
  uniroot(function(x) at(b + side * x * se) - cut, c(0.5, far), tol = 1e-9)$root * side * se + b
}

linear <- function(formula, data, term) {
  fit <- best_lmer(formula, data, TRUE)
  test <- function(ddf) tryCatch(as.list(summary(fit, ddf = ddf)$coefficients[term, ]), error = function(e) NULL)
  s <- test("Satterthwaite"); kr <- test("Kenward-Roger")
  v <- as.data.frame(VarCorr(fit))
  ml <- best_lmer(formula, data, FALSE)
  list(estimate = s$Estimate, se = s$`Std. Error`, df = s$df, p = s$`Pr(>|t|)`,
       kr_se = kr$`Std. Error`, kr_df = kr$df, kr_p = kr$`Pr(>|t|)`,
       tau2 = v$vcov[1], slope_var = if (nrow(v) == 3) v$vcov[2], sigma2 = v$vcov[nrow(v)],
       reml_deviance = REMLcrit(fit), ml_deviance = deviance(ml), ml_estimate = fixef(ml)[[term]],
       ci_low = limit(formula, data, term, ml, -1), ci_high = limit(formula, data, term, ml, 1),
       n = nrow(data), k = length(unique(data$study)))
}

# lme4's own limits, for the record: too narrow where it sticks at a zero slope variance.
lme4_confint <- function(formula, data, term) {
  fit <- best_lmer(formula, data, TRUE)
  as.numeric(suppressWarnings(suppressMessages(confint(fit, parm = term, quiet = TRUE))))
}

published <- y ~ T + (1 | study)
recommended <- y ~ T + (1 | study) + (0 + Tc | study)

save_reference <- function(result) write(toJSON(c(list(versions = versions()), result), digits = NA, auto_unbox = TRUE,
  pretty = TRUE, null = "null", na = "null"), file.path(here(), "output.json"))
