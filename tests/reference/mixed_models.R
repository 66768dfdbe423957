# What the reference scripts share: fits by lme4 to the last digit, and profile limits that do not stick.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(metafor); library(jsonlite)})

here <- function() dirname(normalizePath(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))))
shared <- function(name) {
  folder <- Sys.getenv("MODSCOPE_SHARED_DATA", file.path(here(), "..", "..", "..", "..", "shared", "data", "ipd"))
  read.csv(file.path(folder, name))
}

# What is printed of a dataset, and an independent rerun, as they stand beside the shared data.
numbers_of <- function(name) subset(shared("reference_numbers.csv"), dataset == name, -dataset)

versions <- function() c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
  sapply(c("lme4", "lmerTest", "pbkrtest", "metafor", "Matrix", "nlme"), function(p) as.character(packageVersion(p)), simplify = FALSE))

control <- lmerControl(optimizer = "nloptwrap", calc.derivs = FALSE, check.conv.singular = "ignore",
  optCtrl = list(algorithm = "NLOPT_LN_BOBYQA", xtol_abs = 1e-10, xtol_rel = 1e-12, ftol_abs = 1e-12, ftol_rel = 1e-15, maxeval = 10000))

# The best of several starts: at times the deviance has a minimum at zero variance and another inside.
best_lmer <- function(formula, data, REML) {
  environment(formula) <- environment()  # where lmer looks up its other arguments
  fit_from <- function(start) suppressWarnings(suppressMessages(
    lme4::lmer(formula, data, REML = REML, start = start, control = control)))
  fits <- lapply(starts(formula, data), fit_from)
  criterion <- sapply(fits, function(fit) if (REML) REMLcrit(fit) else deviance(fit))
  best <- fits[[which.min(criterion)]]
  if (!REML) return(best)
  # What lmerTest adds takes longer than the fit, and only tests after REML need it.
  suppressWarnings(suppressMessages(
    lmerTest::lmer(formula, data, REML = TRUE, start = getME(best, "theta"), control = control)))
}

starts <- function(formula, data) {
  q <- length(lme4::findbars(formula))
  if (any(grepl("1 + ", as.character(lme4::findbars(formula)), fixed = TRUE)))  # a correlated slope: l11, l21, l22
    return(list(c(1, 0, 1), c(0.1, 0, 0.1), c(5, 0, 5), c(1, 0, 0.02), c(0.02, 0, 1), c(1, 0.9, 0.4), c(1, -0.9, 0.4),
      c(0.2, 0.2, 0.01), c(0.2, -0.2, 0.01), c(30, 10, 10), c(30, -10, 10)))
  c(list(rep(1, q), rep(0.1, q), rep(5, q)), if (q == 2) list(c(1, 0.02), c(0.02, 1)))
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

TOO_MANY <- 2000  # patients for pbkrtest, whose matrices are n x n

# All that R tells of a model: `linear` for every term, with both likelihoods. `term` is the one whose limits are sought.
# `turn`: the coefficients wanted, a row each, as sums of those fitted; for a fit to columns moved to where no digits are lost.
linear_whole <- function(formula, data, term, turn = NULL) {
  fit <- best_lmer(formula, data, TRUE)
  ml <- best_lmer(formula, data, FALSE)
  zero <- boundary(fit)
  if (is.null(turn)) turn <- diag(length(fixef(fit)))
  list(terms = names(fixef(fit)), n = nrow(data), k = length(unique(data$study)), boundary = I(zero),
       ml_boundary = I(boundary(ml)), reml = parameters(fit, turn), ml = parameters(ml, turn),
       satterthwaite = satterthwaite(formula, data, fit, turn),
       kenward_roger = if (!length(zero) && nrow(data) < TOO_MANY) kenward_roger(fit, turn), term = term,
       limits = sapply(c(-1, 1), function(side) limit(formula, data, term, ml, side)))
}

parameters <- function(fit, turn) c(
  list(beta = drop(turn %*% fixef(fit)), cov = unname(turn %*% as.matrix(vcov(fit)) %*% t(turn)), sigma2 = sigma(fit)^2),
  variances(fit), list(deviance = -2 * as.numeric(logLik(fit)), loglik = as.numeric(logLik(fit)), aic = AIC(fit)))

# The variances of intercepts and slopes, and their covariance; NULL where not in the model.
variances <- function(fit) {
  v <- as.data.frame(VarCorr(fit))
  value <- function(rows) if (any(rows)) v$vcov[rows]
  among <- v$grp != "Residual"
  list(tau2 = value(among & v$var1 %in% "(Intercept)" & is.na(v$var2)), slope_var = value(among & !v$var1 %in% "(Intercept)"),
       covariance = value(!is.na(v$var2)))
}

# What stands at the edge of what is possible: variances of zero, a correlation of one.
boundary <- function(fit) {
  v <- variances(fit)
  zero <- names(Filter(function(value) !is.null(value) && value < 1e-8 * sigma(fit)^2, v[c("tau2", "slope_var")]))
  one <- !is.null(v$covariance) && !length(zero) && v$covariance^2 > (1 - 1e-7) * v$tau2 * v$slope_var
  c(zero, if (one) "correlation")
}

# The outcome is scaled first: lmerTest's derivatives take steps of 1e-4 where a residual SD is below 2e-5, and are wrong.
satterthwaite <- function(formula, data, fit, turn) {
  response <- all.vars(formula)[1]
  data[[response]] <- data[[response]] / sd(data[[response]])
  environment(formula) <- environment()
  scaled <- suppressWarnings(suppressMessages(
    lmerTest::lmer(formula, data, REML = TRUE, start = getME(fit, "theta"), control = control)))
  table <- contest(scaled, turn, joint = FALSE, ddf = "Satterthwaite")
  list(df = table$df, p = table$`Pr(>|t|)`)
}

kenward_roger <- function(fit, turn) {
  adjusted <- vcovAdj(fit)
  se <- sqrt(diag(turn %*% as.matrix(adjusted) %*% t(turn)))
  df <- apply(turn, 1, Lb_ddf, vcov(fit), adjusted)
  list(se = se, df = df, p = 2 * pt(-abs(drop(turn %*% fixef(fit)) / se), df))
}

# Limits of the standard deviations' squares: where lme4's own ML deviance, minimized over all other variances and the
# coefficients, has risen by qchisq(.95, 1). lme4 profiles the residual variance out, which is undone here.
variance_limits <- function(formula, data) {
  ml <- best_lmer(formula, data, FALSE)
  devfun <- lme4::lmer(formula, data, REML = FALSE, devFunOnly = TRUE, control = control)
  inside <- environment(devfun)
  deviance_at <- function(sd) {
    devfun(head(sd, -1) / tail(sd, 1))
    inside$pp$ldL2() + (inside$resp$wrss() + inside$pp$sqrL(1)) / tail(sd, 1)^2 + nrow(data) * log(2 * pi * tail(sd, 1)^2)
  }
  best <- c(getME(ml, "theta"), 1) * sigma(ml)
  stopifnot(abs(deviance_at(best) - deviance(ml)) < 1e-7)
  names(best) <- c(names(Filter(Negate(is.null), variances(ml))), "sigma2")
  sapply(names(best), function(name) I(variance_limit(match(name, names(best)), deviance_at, best)), simplify = FALSE)
}

variance_limit <- function(held, deviance_at, best) {
  residual <- length(best)
  unit <- best[[residual]]
  cut <- deviance_at(best) + qchisq(.95, 1)
  others <- setdiff(seq_along(best), held)
  at <- function(value) {
    whole <- function(free) {
      sd <- replace(best, held, value)
      sd[others] <- free * unit
      if (held != residual) sd[residual] <- unit * exp(tail(free, 1))  # the residual SD on the log scale
      deviance_at(sd)
    }
    of_residual <- others == residual
    from <- function(start) nloptwrap(ifelse(of_residual, 0, start), whole, ifelse(of_residual, -5, 0),
      ifelse(of_residual, 5, Inf), control = list(algorithm = "NLOPT_LN_BOBYQA", xtol_abs = 1e-9, xtol_rel = 1e-11,
      ftol_abs = 1e-12, ftol_rel = 1e-15, maxeval = 5000))$fval
    min(sapply(list(best[others] / unit, 0 * others, 0 * others + 0.3, 0 * others + 3), from)) - cut
  }
  far <- 1.3 * best[[held]] + 0.1 * unit * (held != residual)
  while (at(far) < 0) far <- far * 1.4
  near <- if (held == residual) best[[held]] / 20 else 0
  root <- function(a, b) uniroot(at, c(a, b), tol = 1e-10 * b)$root^2
  c(if (at(near) <= 0) 0 else root(near, best[[held]]), root(best[[held]], far))
}

save_reference <- function(result) write(toJSON(c(list(versions = versions()), result), digits = NA, auto_unbox = TRUE,
  pretty = TRUE, null = "null", na = "null"), file.path(here(), "output.json"))
