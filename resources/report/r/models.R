# --- linear models -----------------------------------------------------------------------------------------------------

quiet <- function(expression) suppressWarnings(suppressMessages(expression))
ignored <- lmerControl(calc.derivs = FALSE, check.conv.singular = "ignore", check.nobs.vs.nlev = "ignore",
                       check.nobs.vs.nRE = "ignore", check.rankX = "stop.deficient")
tight <- list(algorithm = "NLOPT_LN_BOBYQA", xtol_abs = 1e-10, xtol_rel = 1e-12, ftol_abs = 1e-12, ftol_rel = 1e-15, maxeval = 10000)
close <- list(algorithm = "NLOPT_LN_BOBYQA", xtol_abs = 1e-6, xtol_rel = 1e-6, ftol_abs = 1e-9, ftol_rel = 1e-14, maxeval = 10000)

# lme4's deviance as a function of the study effects' relative standard deviations, and where it is lowest, searched from
# the best place of a grid: at times it has a minimum at zero variance and another inside.
parsed_of <- function(formula, frame, REML) quiet(lFormula(formula, frame, REML = REML, control = ignored))
deviance_of <- function(formula, frame, REML) do.call(mkLmerDevfun, parsed_of(formula, frame, REML))
SIZES <- c(0, 0.03, 0.1, 0.25, 0.5, 1, 3, 10)
best_of_grid <- function(deviance, q) {
  places <- unname(as.matrix(expand.grid(rep(list(SIZES), q))))
  places[which.min(apply(places, 1, deviance)), ]
}
lowest <- function(deviance, start, control = tight) {
  best <- nloptwrap(start, deviance, rep(0, length(start)), rep(Inf, length(start)), control = control)
  # at a place with a variance of zero the search may have stayed beside it
  for (i in which(best$par < 1e-3)) {
    there <- deviance(replace(best$par, i, 0))
    if (there <= best$fval) best <- list(par = replace(best$par, i, 0), fval = there)
  }
  deviance(best$par)
  best
}

formula_of <- function(fixed, random) as.formula(paste("y ~", paste(c(if (length(fixed)) fixed else "1", random), collapse = " + ")))

# The fit of y on columns of a frame, REML, with a random intercept for each study and, if asked for, a slope. `test` gives
# a coefficient (or a weighted sum of them) with its error and test, `joint` the F test of several.
fit_linear <- function(frame, fixed, slope, df = plan$model$df) {
  k <- length(unique(frame$study))
  random <- if (k > 1) c("(1 | study)", if (slope) "(0 + Tc | study)")
  variances <- c(tau2 = if (k > 1) 0, slope_var = if (k > 1 && slope) 0)
  kept <- random
  repeat {
    if (!length(kept)) return(c(least_squares(frame, fixed), list(variances = variances, random = random)))
    parsed <- parsed_of(formula_of(fixed, kept), frame, TRUE)
    deviance <- do.call(mkLmerDevfun, parsed)
    best <- lowest(deviance, best_of_grid(deviance, length(kept)))
    positive <- best$par^2 > 1e-9
    if (all(positive)) break
    kept <- kept[positive]  # with a variance of zero, df and p are those of the model without it
  }
  fit <- tested(mkMerMod(environment(deviance), c(best, conv = 0), parsed$reTrms, parsed$fr), deviance)
  variances[random %in% kept] <- head(as.data.frame(VarCorr(fit))$vcov, -1)
  ddf <- if (df == "kenward_roger") "Kenward-Roger" else "Satterthwaite"
  weights <- function(one) if (is.character(one)) as.numeric(names(fixef(fit)) == one) else one
  list(coefficients = fixef(fit), sigma2 = sigma(fit)^2, variances = variances, random = random,
    test = function(one) {
      found <- contest(fit, matrix(weights(one), 1), joint = FALSE, ddf = ddf)
      list(estimate = found$Estimate, se = found$`Std. Error`, df = found$df, p = found$`Pr(>|t|)`)
    },
    joint = function(several) contestMD(fit, diag(length(fixef(fit)))[match(several, names(fixef(fit))), , drop = FALSE], ddf = ddf))
}
# What lmerTest's own lmer adds to a fit of lme4, without fitting it once more.
tested <- getFromNamespace("as_lmerModLT", "lmerTest")

# One study, or study effects without any variance: ordinary least squares.
least_squares <- function(frame, fixed) {
  fit <- lm(formula_of(fixed, NULL), frame)
  if (anyNA(coef(fit))) stop("some columns are determined by others")
  weights <- function(one) if (is.character(one)) as.numeric(names(coef(fit)) == one) else one
  list(coefficients = coef(fit), sigma2 = sigma(fit)^2,
    test = function(one) {
      w <- weights(one)
      estimate <- sum(w * coef(fit)); se <- sqrt(drop(w %*% vcov(fit) %*% w))
      list(estimate = estimate, se = se, df = fit$df.residual, p = 2 * pt(-abs(estimate / se), fit$df.residual))
    },
    joint = function(several) {
      line <- diag(length(coef(fit)))[match(several, names(coef(fit))), , drop = FALSE]
      b <- line %*% coef(fit)
      f <- drop(t(b) %*% solve(line %*% vcov(fit) %*% t(line), b)) / length(several)
      data.frame(`F value` = f, NumDF = length(several), DenDF = fit$df.residual,
                 `Pr(>F)` = pf(f, length(several), fit$df.residual, lower.tail = FALSE), check.names = FALSE)
    })
}

t_limits <- function(found) found$estimate + c(-1, 1) * qt(.975, found$df) * found$se

# Where the deviance, minimized over everything but the coefficient, has risen by qchisq(.95, 1): of the likelihood, not
# the restricted one.
profile_limits <- function(frame, fixed, random, term, se) {
  ml <- deviance_of(formula_of(fixed, random), frame, FALSE)
  best <- lowest(ml, best_of_grid(ml, length(random)))
  b <- environment(ml)$pp$beta(1)[[1 + match(term, fixed)]]
  without <- deviance_of(formula_of(setdiff(fixed, term), random), frame, FALSE)
  response <- environment(without)$resp
  limit <- function(side) {
    rise <- function(x, start) {
      response$setOffset(frame[[term]] * (b + side * x * se))
      found <- lowest(without, if (is.null(start)) best_of_grid(without, length(random)) else start, close)
      sqrt(max(0, found$fval - best$fval)) - sqrt(qchisq(.95, 1))
    }
    at <- function(start) uniroot(rise, c(1.7, 2.3), start = start, extendInt = "upX", tol = 1e-6)$root
    near <- pmax(best$par, 0.05)
    x <- at(near)
    if (rise(x, NULL) < rise(x, near) - 1e-6) x <- at(NULL)
    b + side * x * se
  }
  c(limit(-1), limit(1))
}

# A coefficient with its error, test and interval as the plan wants it.
told <- function(fit, frame, fixed, term) {
  found <- fit$test(term)
  is_profile <- plan$model$ci == "profile" && length(fit$random)
  limits <- if (is_profile) profile_limits(frame, fixed, fit$random, term, found$se) else t_limits(found)
  c(found, ci_low = limits[1], ci_high = limits[2])
}

# --- response and remission --------------------------------------------------------------------------------------------

logistic <- function(frame) {
  single <- length(unique(frame$study)) == 1
  # minus two log likelihoods, of c(SD of the studies, intercept, effect), or without the first for one study
  if (single) {
    minus_two <- function(at) -2 * sum(dbinom(frame$event, 1, plogis(at[1] + at[2] * frame$T), log = TRUE))
  } else {
    parsed <- quiet(glFormula(event ~ T + (1 | study), frame, binomial))
    first <- do.call(mkGlmerDevfun, c(parsed, list(control = glmerControl(tolPwrss = 1e-13))))
    first(1)
    minus_two <- updateGlmerDevfun(first, parsed$reTrms, nAGQ = plan$model$quadrature)
  }
  free <- if (single) 2 else 3
  lower <- if (single) c(-Inf, -Inf) else c(0, -Inf, -Inf)
  start <- unname(coef(glm(event ~ T, binomial, frame)))
  minimum <- function(f, starts, lower) {
    fits <- lapply(starts, function(start) nloptwrap(start, f, lower, rep(Inf, length(start)), control = tight))
    fits[[which.min(sapply(fits, function(fit) fit$fval))]]
  }
  starts <- if (single) list(start) else lapply(c(1, 0.2), function(sd) c(sd, start))
  best <- minimum(minus_two, starts, lower)
  at <- best$par
  tau <- if (single || at[1] < 1e-5) 0 else at[1]
  inside <- if (single) 1:2 else if (tau == 0) 2:3 else 1:3
  curve <- numDeriv::hessian(function(some) minus_two(replace(at, inside, some)), at[inside])
  se <- sqrt(tail(diag(2 * solve(curve)), 1))
  beta <- tail(at, 2)
  limit <- function(side) {
    rise <- function(x) {
      held <- beta[2] + side * x * se
      others <- lapply(starts, function(one) head(one, -1))
      lowest <- minimum(function(rest) minus_two(c(rest, held)), c(list(head(at, -1)), others[1]), head(lower, -1))$fval
      sqrt(max(0, lowest - best$fval)) - sqrt(qchisq(.95, 1))
    }
    beta[2] + side * uniroot(rise, c(1.2, 2.8), extendInt = "upX", tol = 1e-7)$root * se
  }
  risk <- function(eta) if (tau == 0) plogis(eta) else
    integrate(function(u) plogis(eta + tau * u) * dnorm(u), -Inf, Inf, rel.tol = 1e-10)$value
  active <- risk(sum(beta)); control <- risk(beta[1])
  list(estimate = exp(beta[2]), se = se, p = 2 * pnorm(-abs(beta[2] / se)), ci_low = exp(limit(-1)), ci_high = exp(limit(1)),
       tau2 = if (!single) tau^2, risk_active = active, risk_control = control, ard = active - control,
       nnt = 1 / (active - control), marginal_or = exp(qlogis(active) - qlogis(control)))
}

# --- two stages --------------------------------------------------------------------------------------------------------

# The pool of studies' estimates (REML, Hartung and Knapp; Wald's interval beside it).
pool <- function(yi, se) {
  if (length(yi) == 1) return(list(estimate = yi, se = se, k = 1, wald_low = yi - qnorm(.975) * se, wald_high = yi + qnorm(.975) * se))
  fit <- function(test) rma(yi, sei = se, method = "REML", test = test, control = list(threshold = 1e-10, maxiter = 10000, stepadj = 0.5))
  knapp <- fit("knha"); wald <- fit("z"); k <- length(yi)
  reach <- if (k > 2) qt(.975, k - 2) * sqrt(wald$tau2 + wald$se^2) else NA
  list(estimate = wald$beta[1], se = wald$se, ci_low = knapp$ci.lb, ci_high = knapp$ci.ub, p = knapp$pval, k = k,
       wald_low = wald$ci.lb, wald_high = wald$ci.ub, tau2 = wald$tau2, i2 = wald$I2, q = wald$QE,
       prediction_low = wald$beta[1] - reach, prediction_high = wald$beta[1] + reach, fit = wald, knapp = knapp)
}

