# The whole battery of moderators as lme4, lmerTest, metafor, outer and cor give it, for any table with columns study and T.
# `outcomes`: name -> what is analyzed, as measured. `moderators`: name -> list(kind, level, log). `cuts`: shares of both tiers.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "mixed_models.R"))

FEWEST <- 10  # patients in each arm that a level needs

# One row of a table of coefficients: of a term, or of weights `line`.
told <- function(fit, line) {
  if (is.character(line)) line <- as.numeric(names(fixef(fit)) == line)
  s <- contest(fit, matrix(line, 1), joint = FALSE, ddf = "Satterthwaite")
  list(estimate = s$Estimate, se = s$`Std. Error`, df = s$df, p = s$`Pr(>|t|)`)
}
random <- list(published = "(1 | study)", recommended = "(1 | study) + (0 + Tc | study)")
model <- function(fixed, data, structure = "published") best_lmer(as.formula(paste("y ~", fixed, "+", random[[structure]])), data, TRUE)

# Columns m1, m2, ... of a moderator over the primary set, with the SD of each and what one of it is as measured.
terms_of <- function(values, about, T) {
  if (about$kind == "categorical") {
    counts <- table(values, T)
    kept <- rownames(counts)[apply(counts >= FEWEST, 1, all)]
    reference <- names(which.max(rowSums(counts)[kept]))
    others <- setdiff(kept, reference)
    columns <- lapply(others, function(one) ifelse(values %in% kept, as.numeric(values == one), NA))
    return(list(columns = columns, names = others, reference = reference, spread = sapply(columns, sd, na.rm = TRUE), unit = 1))
  }
  if (isTRUE(about$log)) values <- log(ifelse(values > 0, values, NA))
  if (about$kind == "binary") return(list(columns = list(values), names = "", spread = sd(values, na.rm = TRUE), unit = 1))
  unit <- sd(values, na.rm = TRUE)
  list(columns = list((values - mean(values, na.rm = TRUE)) / unit), names = "", spread = 1, unit = unit)
}

spearman <- function(e) {
  a <- e[e$T == 1, ]; b <- e[e$T == 0, ]
  value <- function(D, A) cor(as.vector(round(D, 9)), as.vector(round(A, 9)), method = "spearman")
  D <- outer(a$raw, b$raw, "-"); A <- outer(a$m, b$m, "+") / 2; same <- outer(a$study, b$study, "==")
  list(r = value(D, A), r_within = value(D[same], A[same]))
}

two_stage <- function(e) {
  of_study <- function(s) if (nrow(s) > 4) {
    fit <- lm(y ~ T * m1, s)
    if (!anyNA(coef(fit)) && sum(resid(fit)^2) > 1e-20) coef(summary(fit))["T:m1", 1:2]
  }
  s <- do.call(rbind, lapply(split(e, e$study), of_study))
  tight <- list(threshold = 1e-13, maxiter = 10000, tol = 1e-14)
  knapp <- rma(s[, 1], s[, 2]^2, method = "REML", test = "knha", control = tight)
  wald <- predict(rma(s[, 1], s[, 2]^2, method = "REML", control = tight), pi.type = "riley")
  list(beta = knapp$beta[1], low = knapp$ci.lb, high = knapp$ci.ub, k = knapp$k, tau2 = knapp$tau2, i2 = knapp$I2,
       prediction_low = wald$pi.lb, prediction_high = wald$pi.ub)
}

# The slopes within studies and across their means, and what they differ by.
within_across <- function(e) {
  e$mA <- ave(e$m1, e$study); e$mW <- e$m1 - e$mA; e$TW <- e$T * e$mW; e$TA <- e$T * e$mA
  fit <- model("T + mW + mA + TW + TA", e, "recommended")
  list(within = told(fit, "TW"), across = told(fit, "TA"),
       difference = told(fit, (names(fixef(fit)) == "TW") - (names(fixef(fit)) == "TA")))
}

# One term in one model: the interaction with its profile limits, on both scales, and Kraemer's parametric r.
of_term <- function(e, i, count, structure, spread, unit) {
  m <- paste0("m", seq_len(count)); Tm <- paste0("T", m)
  fixed <- paste(c("T", m, Tm), collapse = " + ")
  fit <- model(fixed, e, structure)
  formula <- as.formula(paste("y ~", fixed, "+", random[[structure]]))
  ml <- best_lmer(formula, e, FALSE)
  raw <- e; raw$y <- e$raw
  for (name in c(m, Tm)) raw[[name]] <- raw[[name]] * unit
  measured <- told(model(fixed, raw, structure), Tm[i])
  centered <- e
  for (j in seq_len(count)) centered[[Tm[j]]] <- (e$T - 0.5) * e[[m[j]]]
  kraemer <- model(fixed, centered, structure)
  b2 <- fixef(kraemer)[[m[i]]] * spread[i]; b3 <- fixef(kraemer)[[Tm[i]]] * spread[i]
  c(told(fit, Tm[i]), list(ci_low = limit(formula, e, Tm[i], ml, -1), ci_high = limit(formula, e, Tm[i], ml, 1),
    beta_raw = measured$estimate, se_raw = measured$se, r_parametric = (b3 / 2) / sqrt(sigma(kraemer)^2 + b2^2 + b3^2 / 4),
    boundary = I(boundary(fit))))
}

joint <- function(e, count, structure) {
  m <- paste0("m", seq_len(count)); Tm <- paste0("T", m)
  fit <- model(paste(c("T", m, Tm), collapse = " + "), e, structure)
  test <- contestMD(fit, diag(1 + 1 + 2 * count)[names(fixef(fit)) %in% Tm, ], ddf = "Satterthwaite")
  list(df1 = test$NumDF, df2 = test$DenDF, f = test$`F value`, p = test$`Pr(>F)`)
}

of_moderator <- function(d, values, about) {
  terms <- terms_of(values, about, d$T)
  count <- length(terms$columns)
  for (i in seq_len(count)) { d[[paste0("m", i)]] <- terms$columns[[i]]; d[[paste0("Tm", i)]] <- d$T * terms$columns[[i]] }
  e <- d[!is.na(d$y) & !is.na(d$m1), ]
  m <- paste0("m", seq_len(count))
  slopes <- function(fit) lapply(m, function(name) told(fit, name))
  predictor <- slopes(model(paste(c("T", m), collapse = " + "), e))
  arms <- lapply(1:0, function(arm) slopes(model(paste(m, collapse = " + "), e[e$T == arm, ])))
  found <- list(n = nrow(e), k = length(unique(e$study)), reference = terms$reference, terms = lapply(seq_len(count), function(i) {
    two <- if (count > 1) e[e[[m[i]]] == 1 | rowSums(e[m]) == 0, ] else e
    two$m <- two[[m[i]]]
    c(list(name = terms$names[i], predictor = predictor[[i]], active = arms[[1]][[i]], control = arms[[2]][[i]]), spearman(two),
      sapply(names(random), function(structure) of_term(e, i, count, structure, terms$spread, terms$unit), simplify = FALSE))
  }))
  if (count > 1) found$joint <- sapply(names(random), function(structure) joint(e, count, structure), simplify = FALSE)
  if (count == 1 && about$level == "patient") found <- c(found, within_across(e), list(two_stage = two_stage(e)))
  found
}

# p of each moderator's test, then adjusted: Bonferroni in Tier 1, Benjamini and Hochberg in Tier 2.
adjusted <- function(found, tier) {
  p <- function(structure) sapply(found, function(one)
    if (is.null(one$joint)) one$terms[[1]][[structure]]$p else one$joint[[structure]]$p)
  sapply(names(random), function(structure) {
    own <- p(structure)
    c(as.list(p.adjust(own[tier == "1"], "bonferroni")), as.list(p.adjust(own[tier == "2"], "BH")))
  }, simplify = FALSE)
}

battery <- function(d, outcomes, moderators, cuts) {
  primary <- Reduce(`|`, lapply(outcomes, function(y) !is.na(y)))
  d <- d[primary, ]
  share <- sapply(names(moderators), function(name) mean(!is.na(d[[name]])))
  tier <- ifelse(share >= cuts[1], "1", ifelse(share >= cuts[2], "2", "none"))
  of_outcome <- function(y) {
    found <- sapply(names(moderators)[tier != "none"], simplify = FALSE, function(name)
      of_moderator(data.frame(study = d$study, T = d$arm, Tc = d$arm - 0.5, raw = y, y = as.numeric(scale(y))), d[[name]], moderators[[name]]))
    list(moderators = found, adjusted = adjusted(found, tier[tier != "none"]))
  }
  list(tier = as.list(tier), outcomes = lapply(outcomes, function(y) of_outcome(y[primary])))
}
