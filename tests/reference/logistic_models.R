# What the logistic reference scripts share: glmer to the last digit, and profile limits on the same approximation.
local({
  folder <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
  beside <- file.path(c(folder, file.path(folder, "..")), "mixed_models.R")
  source(beside[file.exists(beside)][1])
})

tight <- glmerControl(optimizer = "bobyqa", calc.derivs = FALSE, check.conv.singular = "ignore", tolPwrss = 1e-12,
  optCtrl = list(rhobeg = 0.02, rhoend = 1e-9, maxfun = 20000))

best_glmer <- function(formula, data, nodes, offset) {
  data$shift <- offset
  environment(formula) <- environment()  # where glmer looks up its other arguments
  fits <- lapply(c(1, 0.3, 3), function(start) suppressWarnings(suppressMessages(
    glmer(formula, data, family = binomial, nAGQ = nodes, offset = shift, start = list(theta = start), control = tight))))
  fits[[which.min(sapply(fits, deviance_of))]]
}

# -2 log likelihood of the approximation (deviance() leaves out terms where nAGQ > 1).
deviance_of <- function(fit) -2 * as.numeric(logLik(fit))

# The same approximation written out: glmer's own deviance is too rough for second differences (its inner iterations stop
# early; at nAGQ = 1 standard errors from it are off by up to 3e-5). It must agree with glmer's value.
approximation <- function(beta, tau, X, data, nodes) {
  rule <- GHrule(nodes)
  eta <- drop(X %*% beta)
  -2 * sum(sapply(split(seq_along(eta), data$study), function(rows) {
    e <- eta[rows]; y <- data$event[rows]; u <- 0
    h <- function(u) sum(y * (e + tau * u) - log1p(exp(e + tau * u))) - u^2 / 2
    for (i in 1:200) {
      m <- plogis(e + tau * u)
      step <- (tau * sum(y - m) - u) / (1 + tau^2 * sum(m * (1 - m)))
      u <- u + max(min(step, 2), -2)
      if (abs(step) < 1e-14) break
    }
    m <- plogis(e + tau * u); width <- (1 + tau^2 * sum(m * (1 - m)))^-0.5
    log(width * sum(rule[, "w"] * exp(rule[, "z"]^2 / 2 + sapply(u + width * rule[, "z"], h) - h(u)))) + h(u)
  }))
}

# Covariance of the coefficients, from the whole Hessian of the deviance in (tau, beta).
covariance <- function(fit, data, nodes) {
  X <- getME(fit, "X"); tau <- getME(fit, "theta")[[1]]; beta <- fixef(fit)
  stopifnot(abs(approximation(beta, tau, X, data, nodes) - deviance_of(fit)) < if (nodes == 1) 1e-5 else 1e-8)
  if (tau < 1e-4)  # by symmetry tau is uncorrelated with the rest at zero
    return(2 * solve(hessian(function(x) approximation(x, 0, X, data, nodes), beta)))
  H <- hessian(function(x) approximation(x[-1], x[1], X, data, nodes), c(tau, beta))
  2 * solve(H)[-1, -1]
}

# Central second differences at two steps, extrapolated.
hessian <- function(f, x, h = 0.01) {
  once <- function(h) { n <- length(x); H <- matrix(0, n, n)
    e <- function(i) replace(numeric(n), i, h)
    for (i in 1:n) for (j in i:n) H[i, j] <- H[j, i] <-
      (f(x + e(i) + e(j)) - f(x + e(i) - e(j)) - f(x - e(i) + e(j)) + f(x - e(i) - e(j))) / (4 * h^2)
    H }
  (4 * once(h / 2) - once(h)) / 3
}

# The limit on one side: where the deviance, minimized over everything but the coefficient, has risen by qchisq(.95, 1).
logistic_limit <- function(formula, data, nodes, term, fit, se, side) {
  b <- fixef(fit)[[term]]
  reduced <- update(formula, paste(". ~ . -", term))
  cut <- deviance_of(fit) + qchisq(.95, 1)
  at <- function(x) deviance_of(best_glmer(reduced, data, nodes, x * data[[term]]))
  far <- 3
  while (at(b + side * far * se) < cut) far <- far * 1.5
  uniroot(function(x) at(b + side * x * se) - cut, c(0.5, far), tol = 1e-8)$root * side * se + b
}

logistic <- function(formula, data, nodes) {
  fit <- best_glmer(formula, data, nodes, rep(0, nrow(data)))
  b <- fixef(fit)[["T"]]
  place <- match("T", names(fixef(fit)))
  se <- sqrt(covariance(fit, data, nodes)[place, place])
  list(nodes = nodes, log_or = b, se = se, glmer_se = sqrt(vcov(fit)["T", "T"]), p = 2 * pnorm(-abs(b / se)),
       tau2 = as.numeric(VarCorr(fit)[[1]]), beta = as.list(fixef(fit)), deviance = deviance_of(fit),
       ci_low = logistic_limit(formula, data, nodes, "T", fit, se, -1),
       ci_high = logistic_limit(formula, data, nodes, "T", fit, se, 1), n = nrow(data), k = length(unique(data$study)))
}

# All coefficients, and limits of some of them.
logistic_whole <- function(formula, data, nodes, terms) {
  fit <- best_glmer(formula, data, nodes, rep(0, nrow(data)))
  cov <- covariance(fit, data, nodes)
  se <- setNames(sqrt(diag(cov)), names(fixef(fit)))
  list(nodes = nodes, terms = names(fixef(fit)), n = nrow(data), k = length(unique(data$study)), beta = unname(fixef(fit)),
       cov = unname(cov), se = unname(se), p = unname(2 * pnorm(-abs(fixef(fit) / se))), tau2 = as.numeric(VarCorr(fit)[[1]]),
       deviance = deviance_of(fit), limits = sapply(terms, function(term) sapply(c(-1, 1), function(side)
         logistic_limit(formula, data, nodes, term, fit, se[[term]], side)), simplify = FALSE))
}

# Without random effects.
plain_logistic <- function(formula, data) {
  fit <- glm(formula, binomial, data, epsilon = 1e-14, maxit = 100)
  list(terms = names(coef(fit)), n = nrow(data), beta = unname(coef(fit)), cov = unname(vcov(fit)),
       se = unname(sqrt(diag(vcov(fit)))), deviance = deviance(fit))
}
