# --- moderators --------------------------------------------------------------------------------------------------------

FEWEST <- 10  # patients in each arm that a level needs

# A moderator as it is analyzed, over the primary set: its columns, the SD of each, what one of it is as measured.
terms_of <- function(about) {
  name <- about$name
  if (about$kind == "categorical") {
    values <- text(name)
    enough <- sapply(0:1, function(side) table(factor(values[arm == side], levels = unique(values))) >= FEWEST)
    kept <- sort(setdiff(unique(values)[rowSums(rbind(enough)) == 2], ""), method = "radix")
    counts <- sapply(kept, function(level) sum(values == level))
    others <- setdiff(kept, names(which.max(counts)))
    columns <- lapply(others, function(level) ifelse(values %in% kept, as.numeric(values == level), NA))
    return(list(names = paste0(name, ":", others), columns = columns, spread = sapply(columns, sd, na.rm = TRUE),
                unit = rep(1, length(others))))
  }
  values <- number(name)
  if (about$kind == "binary") return(list(names = name, columns = list(values), spread = sd(values, na.rm = TRUE), unit = 1))
  if (identical(about$transform, "log")) values <- ifelse(values > 0, log(pmax(values, 1e-300)), NA)
  unit <- sd(values, na.rm = TRUE)
  list(names = name, columns = list(standardized(values)), spread = 1, unit = unit)
}

# Spearman's correlation over pairs of an active and a control patient of D = y_i - y_j and A = (m_i + m_j)/2; near-equal
# values are tied.
pair_r <- function(y, m, active, of = NULL) {
  D <- outer(y[active], y[!active], "-"); A <- outer(m[active], m[!active], "+") / 2
  chosen <- if (is.null(of)) TRUE else outer(of[active], of[!active], "==")
  ranks <- lapply(list(D[chosen], A[chosen]), function(x) rank(round(x / max(abs(x), 1e-300), 9)))
  if (length(ranks[[1]]) < 2 || sd(ranks[[1]]) == 0 || sd(ranks[[2]]) == 0) return(NA)
  cor(ranks[[1]], ranks[[2]])
}

# Each study's own interaction by least squares, pooled.
pooled_interaction <- function(frame) {
  own <- lapply(split(frame, frame$study), function(one) {
    X <- cbind(1, one$T, one$m1, one$Tm1)
    if (nrow(X) < 5 || qr(X)$rank < 4) return(NULL)
    inverse <- solve(crossprod(X)); b <- inverse %*% crossprod(X, one$y)
    variance <- sum((one$y - X %*% b)^2) / (nrow(X) - 4) * inverse[4, 4]
    if (variance > 0) c(b[4], sqrt(variance))
  })
  own <- do.call(rbind, own)
  if (!NROW(own)) return(NULL)
  found <- pool(own[, 1], own[, 2])
  list(two_stage_beta = found$estimate, two_stage_low = found$ci_low, two_stage_high = found$ci_high, two_stage_k = found$k,
       two_stage_tau2 = found$tau2, two_stage_i2 = found$i2, two_stage_prediction_low = found$prediction_low,
       two_stage_prediction_high = found$prediction_high)
}

prefixed <- function(found, prefix) setNames(found[c("estimate", "se", "p")], paste0(prefix, c("_beta", "_se", "_p")))

# Slopes in each arm, without regard to treatment, within studies and across their means: the same beside both models.
shared_slopes <- function(frame, m, i, is_between, at) {
  found <- list()
  add <- function(prefix, own, fixed, slope, term) {
    if (!has("moderators", at, paste0(prefix, "_beta"))) return()
    fit <- fit_linear(own, fixed, slope)
    found <<- c(found, prefixed(fit$test(if (is.function(term)) term(fit) else term), prefix))
  }
  add("predictor", frame, c("T", m), FALSE, m[i])
  add("active", frame[frame$T == 1, ], m, FALSE, m[i])
  add("control", frame[frame$T == 0, ], m, FALSE, m[i])
  if (length(m) > 1 || is_between || !has("moderators", at, "within_beta")) return(found)
  frame$across <- ave(frame$m1, frame$study); frame$within <- frame$m1 - frame$across
  frame$Tw <- frame$T * frame$within; frame$Ta <- frame$T * frame$across
  fit <- fit_linear(frame, c("T", "within", "across", "Tw", "Ta"), TRUE)
  names <- names(fit$coefficients)
  c(found, prefixed(fit$test("Tw"), "within"), prefixed(fit$test("Ta"), "across"),
    prefixed(fit$test((names == "Tw") - (names == "Ta")), "difference"))
}

moderator <- function(outcome, about) {
  name <- outcome$plan$name
  if (!has("moderators", rows_of(name, about), "p", "beta")) return()
  terms <- terms_of(about)
  y <- standardized(outcome$primary)
  used <- !is.na(y) & !is.na(terms$columns[[1]])
  frame <- frame_of(y, used)
  m <- paste0("m", seq_along(terms$columns)); Tm <- paste0("T", m)
  for (i in seq_along(m)) { frame[[m[i]]] <- terms$columns[[i]][used]; frame[[Tm[i]]] <- frame$T * frame[[m[i]]] }
  k <- length(unique(frame$study))
  is_between <- identical(about$level, "study") ||
    (k > 1 && all(sapply(m, function(one) all(tapply(frame[[one]], frame$study, function(x) all(x == x[1]))))))
  fixed <- c("T", m, Tm)
  raw <- outcome$primary[used]
  p <- NULL
  beside <- vector("list", length(m))  # what both models' rows have in common
  for (model in c("published", "recommended")) {
    label <- function(term) paste(name, term, model)
    row_of <- function(term) rows_where("moderators", outcome = name, moderator = term, model = model)
    if (!has("moderators", c(row_of(about$name), row_of(named(terms$names, row_of)[1])), "p", "beta")) next
    fit <- fit_linear(frame, fixed, model == "recommended")
    if (length(m) > 1) {
      test <- fit$joint(Tm)
      compare("moderators", row_of(about$name), list(n = nrow(frame), k = k, p = test$`Pr(>F)`, df = test$DenDF), label(about$name))
      p <- rbind(p, data.frame(row = row_of(about$name), model, p = test$`Pr(>F)`))
    }
    for (i in seq_along(m)) {
      at <- row_of(named(terms$names[i], row_of))
      found <- told(fit, frame, fixed, Tm[i])
      two <- rowSums(frame[setdiff(m, m[i])] == 1) == 0
      b3 <- found$estimate * terms$spread[i]; b2 <- fit$coefficients[[m[i]]] * terms$spread[i] + b3 / 2
      to_raw <- sd(outcome$primary, na.rm = TRUE) / terms$unit[i]
      own <- c(list(n = nrow(frame), k = k, beta = found$estimate), found[c("se", "df", "ci_low", "ci_high", "p")],
        list(beta_raw = found$estimate * to_raw, se_raw = found$se * to_raw,
             r_parametric = (b3 / 2) / sqrt(fit$sigma2 + b2^2 + b3^2 / 4)),
        if (is_between && model == "recommended") prefixed(found, "across"))
      if (is.null(beside[[i]])) beside[[i]] <- c(shared_slopes(frame, m, i, is_between, at),
        list(r = pair_r(raw[two], frame[two, m[i]], frame$T[two] == 1),
             r_within = pair_r(raw[two], frame[two, m[i]], frame$T[two] == 1, frame$study[two])),
        if (length(m) == 1 && !is_between && has("moderators", at, "two_stage_beta")) pooled_interaction(frame))
      compare("moderators", at, c(own, beside[[i]]), label(terms$names[i]))
      if (length(m) == 1) p <- rbind(p, data.frame(row = at, model, p = found$p))
    }
  }
  p
}
# A level of a number column may be written 1 or 1.0.
named <- function(names, row_of) sapply(names, function(name) if (length(row_of(name))) name else paste0(name, ".0"), USE.NAMES = FALSE)
rows_of <- function(outcome, about) which(tables$moderators$outcome %in% outcome &
  (tables$moderators$moderator %in% about$name | startsWith(tables$moderators$moderator, paste0(about$name, ":"))))

pairs_of <- unlist(lapply(outcomes, function(outcome) lapply(plan$moderators, function(about)
  task(paste0(outcome$plan$name, ", ", about$name), function() moderator(outcome, about)))), recursive = FALSE)
p_values <- do.call(rbind, each(pairs_of))

# Availability, and what follows from it.
availability <- function(about) task(paste("Availability of", about$name), function() {
  at <- rows_where("availability", moderator = about$name)
  present <- if (is.null(data[[about$name]])) rep(FALSE, nrow(data)) else text(about$name) != ""
  compare("availability", at, list(n = sum(present), share = mean(present), k = length(unique(study[present]))),
          paste("availability", about$name))
  share <- mean(present)
  tier <- if (!any(present)) "none" else if (about$tier != "auto") as.character(about$tier) else
    if (share >= plan$tiers$tier1) "1" else if (share >= plan$tiers$tier2) "2" else "none"
  if (!identical(tier, tables$availability$tier[at])) stop("the tier is ", tier)
  NULL
})
invisible(each(lapply(plan$moderators, availability)))

# p adjusted within a family: the tests of one tier, model and timepoint (or of all timepoints).
if (!is.null(p_values)) invisible(each(list(task("Adjusted p", function() {
  rows <- tables$moderators[p_values$row, ]
  family <- paste(if (plan$family == "all_timepoints") "" else rows$outcome, rows$model, rows$tier)
  for (own in split(seq_len(nrow(rows)), family)) {
    second <- rows$tier[own[1]] == "2"
    method <- if (second) "BH" else plan$multiplicity
    adjusted <- p.adjust(p_values$p[own], method)
    for (i in seq_along(own)) compare("moderators", p_values$row[own[i]],
      c(setNames(list(adjusted[i]), if (second) "q" else "p_adjusted"), family = length(own)),
      paste(rows$outcome[own[i]], rows$moderator[own[i]], rows$model[own[i]], "in its family"))
  }
}))))

