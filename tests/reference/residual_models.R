# What the scripts with a residual variance of each study share: nlme's fit, and the restricted likelihood to the last digit.
local({
  folder <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
  beside <- file.path(c(folder, file.path(folder, "..")), "mixed_models.R")
  source(beside[file.exists(beside)][1])
})
each_study <- nlme::varIdent(form = ~ 1 | study)

# The best of several tries. `random`: a one-sided formula of what varies between studies, independently.
best_lme <- function(fixed, data, random, weights = each_study) {
  tries <- expand.grid(opt = c("nlminb", "optim"), start = c(0.01, 0.3, 3), stringsAsFactors = FALSE)
  q <- ncol(model.matrix(random, data))
  fits <- Map(function(opt, start) tryCatch(suppressWarnings(
    # do.call: nlme looks its formulas up again when asked for more.
    do.call(nlme::lme, list(fixed, data = data, weights = weights, method = "REML",
      random = list(study = nlme::pdDiag(diag(start, q), random)),
      control = nlme::lmeControl(opt = opt, maxIter = 500, msMaxIter = 1000, msMaxEval = 5000, niterEM = 50, tolerance = 1e-10,
        msTol = 1e-12, returnObject = TRUE)))), error = function(e) NULL), tries$opt, tries$start)
  fits <- Filter(Negate(is.null), fits)
  fits[[which.max(sapply(fits, logLik))]]
}

# SDs: of the random effects, then of each study's residuals.
sds_of <- function(fit) {
  weights <- nlme::varWeights(fit$modelStruct$varStruct)
  c(sqrt(diag(as.matrix(fit$modelStruct$reStruct[[1]]))), 1 / weights[match(levels(fit$groups$study), names(weights))]) * fit$sigma
}

# A study's rows turned so that all but a few are zero: V is a multiple of the identity on the others.
turned <- function(X, Z, y) {
  fit <- qr(cbind(X, Z, y), LAPACK = TRUE)
  R <- qr.R(fit)[, order(fit$pivot), drop = FALSE]
  p <- ncol(X)
  list(X = R[, 1:p, drop = FALSE], Z = R[, (p + 1):(ncol(R) - 1), drop = FALSE], y = R[, ncol(R)], zeros = length(y) - nrow(R))
}

# Generalized least squares at given SDs (the first of the random effects), and -2 restricted log likelihood, written out.
restricted <- function(sds, blocks, q) {
  random <- diag(sds[1:q]^2, q)
  whitened <- Map(function(b, residual) {
    root <- chol(b$Z %*% random %*% t(b$Z) + diag(residual^2, nrow(b$Z)))
    list(A = backsolve(root, cbind(b$X, b$y), transpose = TRUE), log_det = 2 * sum(log(diag(root))) + 2 * b$zeros * log(residual))
  }, blocks, sds[-(1:q)])
  A <- do.call(rbind, lapply(whitened, `[[`, "A"))
  p <- ncol(A) - 1
  n <- nrow(A) + sum(sapply(blocks, `[[`, "zeros"))
  fit <- qr(A[, 1:p])
  list(beta = qr.coef(fit, A[, p + 1]), cov = chol2inv(qr.R(fit)), deviance = sum(sapply(whitened, `[[`, "log_det")) +
    2 * sum(log(abs(diag(qr.R(fit))))) + sum(qr.resid(fit, A[, p + 1])^2) + (n - p) * log(2 * pi))
}

# nlme stops at about 1e-5 of a coefficient; from there to the optimum, also from other SDs of the random effects.
residual_by_study <- function(fixed, data, random) {
  fit <- best_lme(fixed, data, random)
  effects <- colnames(model.matrix(random, data))
  q <- length(effects)
  blocks <- lapply(split(data, data$study), function(s) turned(model.matrix(fixed, s), model.matrix(random, s), s$y))
  found <- sds_of(fit)
  stopifnot(abs(restricted(found, blocks, q)$deviance + 2 * as.numeric(logLik(fit))) < 1e-6)
  # A residual SD by its logarithm; one of a random effect in units of the residuals, so that zero can be reached.
  unit <- mean(found[-(1:q)])
  sds <- function(at) c(abs(at[1:q]) * unit, exp(at[-(1:q)]))
  f <- function(at) restricted(sds(at), blocks, q)$deviance
  start <- c(found[1:q] / unit, log(found[-(1:q)]))
  tries <- lapply(list(start[1:q], 0.3 * start[1:q], start[1:q] + 1), function(random)
    newton(nlminb(replace(start, 1:q, random), f)$par, f))
  best <- tries[[which.min(sapply(tries, f))]]
  whole <- restricted(sds(best), blocks, q)
  list(terms = names(fixef(fit)), n = nrow(data), k = length(blocks), studies = names(blocks),
       nlme = with_variances(unname(fixef(fit)), fit$varFix, found, effects, -2 * as.numeric(logLik(fit))),
       optimum = with_variances(unname(whole$beta), whole$cov, sds(best), effects, whole$deviance))
}

newton <- function(at, f) {
  for (i in 1:6) {
    step <- solve(numDeriv::hessian(f, at), numDeriv::grad(f, at))
    if (f(at - step) > f(at) + 1e-9) break
    at <- at - step
    if (max(abs(step)) < 1e-8) break
  }
  at
}

# `random`: what the first SDs are of.
with_variances <- function(beta, cov, sds, random, deviance) {
  of <- function(name) if (name %in% random) sds[[match(name, random)]]^2
  list(beta = beta, cov = unname(cov), tau2 = of("(Intercept)"), slope_var = of("Tc"),
       residual_variances = unname(sds[-seq_along(random)]^2), deviance = deviance, loglik = -deviance / 2)
}
