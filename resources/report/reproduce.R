# Repeats the main effects of this folder in R and sets R's numbers beside those of @PROGRAM@.
# In the folder that holds harmonized.csv, plan.json and tables/:   Rscript reproduce.R
# Needs lme4, lmerTest and metafor (and pbkrtest for Kenward-Roger). The bootstrap interval of the risk difference
# depends on the random numbers and is not repeated here.

suppressPackageStartupMessages({library(lme4); library(lmerTest); library(metafor)})

script <- sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))
if (length(script)) setwd(dirname(normalizePath(script[1])))

# --- the plan --------------------------------------------------------------------------------------------------------

written_plan <- @PLAN@

plan <- written_plan
if (requireNamespace("jsonlite", quietly = TRUE) && file.exists("plan.json")) plan <- jsonlite::read_json("plan.json")

# --- who is analyzed ---------------------------------------------------------------------------------------------------

data <- read.csv("harmonized.csv", colClasses = "character", na.strings = "", check.names = FALSE, encoding = "UTF-8")
number <- function(column) suppressWarnings(as.numeric(data[[column]]))
text <- function(column) trimws(ifelse(is.na(data[[column]]), "", data[[column]]))

matches <- function(column, wanted) {
  found <- rep(FALSE, nrow(data))
  for (value in wanted) {
    as_number <- suppressWarnings(as.numeric(value))
    found <- found | if (is.na(as_number)) text(column) == as.character(value) else number(column) %in% as_number
    if (is.logical(value)) found <- found | tolower(text(column)) == tolower(as.character(value))
  }
  found
}

kept <- rep(TRUE, nrow(data))
for (rule in plan$include) {
  if (!is.null(rule$equals)) kept <- kept & matches(rule$column, list(rule$equals))
  if (!is.null(rule[["in"]])) kept <- kept & matches(rule$column, rule[["in"]])
  values <- number(rule$column)
  if (!is.null(rule$min)) kept <- kept & !is.na(values) & values >= rule$min
  if (!is.null(rule$max)) kept <- kept & !is.na(values) & values <= rule$max
}

arm <- number(plan$columns$arm)
study <- text(plan$columns$study)
reason <- ifelse(kept & !is.na(arm) & study != "", "", "other")
known <- c("other_dose", "other_drug", "later_infusion", "duplicate", "no_baseline", "no_followup", "other")
if ("excluded" %in% names(data)) reason <- ifelse(text("excluded") %in% known, text("excluded"), reason)
if (plan$columns$patient %in% names(data)) {
  named <- which(reason == "" & !is.na(data[[plan$columns$patient]]))
  reason[named[duplicated(data[named, ])]] <- "duplicate"
}

outcomes <- lapply(plan$outcomes, function(outcome) {
  if (!is.null(outcome$value)) return(list(plan = outcome, primary = number(outcome$value)))
  baseline <- number(outcome$baseline)
  baseline[which(baseline <= 0)] <- NA
  followup <- number(outcome$followup)
  list(plan = outcome, primary = 100 * (baseline - followup) / baseline, baseline = baseline, followup = followup)
})
baselines <- lapply(outcomes, function(outcome) outcome$baseline)
if (!any(sapply(baselines, is.null)))
  reason[reason == "" & Reduce(`&`, lapply(baselines, is.na))] <- "no_baseline"
reason[reason == "" & Reduce(`&`, lapply(outcomes, function(outcome) is.na(outcome$primary)))] <- "no_followup"
primary_set <- reason == ""
cat(sprintf("%d patients in %d studies are analyzed\n", sum(primary_set), length(unique(study[primary_set]))))

standardized <- function(y) {
  present <- y[!is.na(y)]
  if (length(present) < 2 || sd(present) <= 1e-12 * max(1, abs(present))) return(y * NA)
  (y - mean(present)) / sd(present)
}

# --- one-stage linear models -------------------------------------------------------------------------------------------

tight <- lmerControl(optimizer = "nloptwrap", calc.derivs = FALSE, check.conv.singular = "ignore",
  optCtrl = list(algorithm = "NLOPT_LN_BOBYQA", xtol_abs = 1e-10, xtol_rel = 1e-12, ftol_abs = 1e-12, ftol_rel = 1e-15,
                 maxeval = 10000))

# The best of several starts: at times the deviance has a minimum at zero variance and another inside.
best_lmer <- function(formula, frame, REML) {
  q <- length(gregexpr("|", deparse1(formula), fixed = TRUE)[[1]])
  starts <- list(rep(1, q), rep(0.1, q), rep(5, q))
  if (q == 2) starts <- c(starts, list(c(1, 0.02), c(0.02, 1)))
  fits <- lapply(starts, function(start) suppressWarnings(suppressMessages(
    lmerTest::lmer(formula, frame, REML = REML, start = start, control = tight))))
  fits[[which.min(sapply(fits, function(fit) if (REML) REMLcrit(fit) else deviance(fit)))]]
}

# Where the deviance, minimized over everything but the effect, has risen by qchisq(.95, 1) on one side of its minimum.
profile_limit <- function(deviance_at, b, se, cut, side) {
  far <- 3
  while (deviance_at(b + side * far * se) < cut) far <- far * 1.5
  b + side * se * uniroot(function(x) deviance_at(b + side * x * se) - cut, c(0.5, far), tol = 1e-8)$root
}

t_test <- function(formula, frame) {
  if (!grepl("|", deparse1(formula), fixed = TRUE)) {
    fit <- lm(formula, frame)
    found <- summary(fit)$coefficients["T", ]
    return(list(estimate = found[[1]], se = found[[2]], df = fit$df.residual, p = found[[4]], sigma2 = sigma(fit)^2))
  }
  fit <- best_lmer(formula, frame, TRUE)
  ddf <- if (plan$model$df == "kenward_roger") "Kenward-Roger" else "Satterthwaite"
  found <- as.list(summary(fit, ddf = ddf)$coefficients["T", ])
  list(estimate = found$Estimate, se = found$`Std. Error`, df = found$df, p = found$`Pr(>|t|)`)
}

linear <- function(frame, slope, adjusted) {
  fixed <- if (adjusted) "y ~ T + baseline" else "y ~ T"
  if (length(unique(frame$study)) == 1) {
    found <- t_test(as.formula(fixed), frame)
    reach <- qt(.975, found$df) * found$se
    return(c(found, ci_low = found$estimate - reach, ci_high = found$estimate + reach))
  }
  random <- c("(1 | study)", if (slope) "(0 + Tc | study)")
  formula <- as.formula(paste(c(fixed, random), collapse = " + "))
  variances <- as.data.frame(VarCorr(best_lmer(formula, frame, TRUE)))$vcov
  # With a variance of zero, df and p are those of the model without it.
  positive <- head(variances, -1) > 1e-9 * tail(variances, 1)
  found <- t_test(as.formula(paste(c(fixed, random[positive]), collapse = " + ")), frame)
  ml <- best_lmer(formula, frame, FALSE)
  reduced <- update(formula, . ~ . - T)
  deviance_at <- function(b) {
    moved <- frame
    moved$y <- frame$y - b * frame$T
    deviance(best_lmer(reduced, moved, FALSE))
  }
  b <- fixef(ml)[["T"]]; se <- sqrt(vcov(ml)["T", "T"]); cut <- deviance(ml) + qchisq(.95, 1)
  limits <- if (plan$model$ci == "t") found$estimate + c(-1, 1) * qt(.975, found$df) * found$se else
    sapply(c(-1, 1), function(side) profile_limit(deviance_at, b, se, cut, side))
  list(estimate = found$estimate, se = found$se, df = found$df, p = found$p,
       ci_low = limits[1], ci_high = limits[2], tau2 = variances[1], slope_var = if (slope) variances[2],
       sigma2 = variances[length(variances)])
}

# --- response and remission --------------------------------------------------------------------------------------------

logistic <- function(frame) {
  nodes <- plan$model$quadrature
  single <- length(unique(frame$study)) == 1
  fit_with <- function(formula, offset) {
    frame$shift <- offset
    environment(formula) <- environment()
    if (single) return(glm(formula, binomial, frame, offset = shift))
    fits <- lapply(c(1, 0.3, 3), function(start) suppressWarnings(suppressMessages(glmer(formula, frame, binomial,
      nAGQ = nodes, offset = shift, start = list(theta = start),
      control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-12, check.conv.singular = "ignore",
                             optCtrl = list(rhobeg = 0.02, rhoend = 1e-9, maxfun = 20000))))))
    fits[[which.max(sapply(fits, logLik))]]
  }
  minus_two <- function(fit) -2 * as.numeric(logLik(fit))
  full <- if (single) event ~ T else event ~ T + (1 | study)
  fit <- fit_with(full, rep(0, nrow(frame)))
  beta <- if (single) coef(fit) else fixef(fit)
  tau2 <- if (single) 0 else as.numeric(VarCorr(fit)[[1]])
  se <- sqrt(vcov(fit)["T", "T"]); cut <- minus_two(fit) + qchisq(.95, 1)
  deviance_at <- function(b) minus_two(fit_with(update(full, . ~ . - T), b * frame$T))
  limits <- sapply(c(-1, 1), function(side) profile_limit(deviance_at, beta[["T"]], se, cut, side))
  risk <- function(eta) if (tau2 < 1e-10) plogis(eta) else
    integrate(function(u) plogis(eta + sqrt(tau2) * u) * dnorm(u), -Inf, Inf, rel.tol = 1e-10)$value
  active <- risk(sum(beta)); control <- risk(beta[[1]])
  list(estimate = exp(beta[["T"]]), se = se, ci_low = exp(limits[1]), ci_high = exp(limits[2]),
       tau2 = if (!single) tau2, risk_active = active, risk_control = control, ard = active - control,
       marginal_or = exp(qlogis(active) - qlogis(control)))
}

# --- two stages --------------------------------------------------------------------------------------------------------

two_stage <- function(y) {
  used <- primary_set & !is.na(y)
  each <- lapply(split(data.frame(y, arm)[used, ], study[used]), function(one) {
    a <- one$y[one$arm == 1]; c <- one$y[one$arm == 0]
    list(estimate = mean(a) - mean(c), se = sqrt(var(a) / length(a) + var(c) / length(c)))
  })
  yi <- sapply(each, function(one) one$estimate); se <- sapply(each, function(one) one$se)
  fit <- is.finite(yi) & is.finite(se) & se > 0
  if (sum(fit) < 2) return(list(studies = each[fit]))
  pooled <- function(test) rma(yi[fit], sei = se[fit], method = "REML", test = test,
                               control = list(threshold = 1e-10, maxiter = 10000, stepadj = 0.5))
  knapp <- pooled("knha"); wald <- pooled("z"); k <- sum(fit)
  reach <- if (k > 2) qt(.975, k - 2) * sqrt(wald$tau2 + wald$se^2) else NA
  list(studies = each[fit], pooled = list(estimate = wald$beta[1], se = wald$se, ci_low = knapp$ci.lb,
    ci_high = knapp$ci.ub, p = knapp$pval, wald_low = wald$ci.lb, wald_high = wald$ci.ub, tau2 = wald$tau2, i2 = wald$I2,
    q = wald$QE, prediction_low = wald$beta[1] - reach, prediction_high = wald$beta[1] + reach))
}

# --- side by side ------------------------------------------------------------------------------------------------------

read_table <- function(name) read.csv(file.path("tables", name), na.strings = "", check.names = FALSE, encoding = "UTF-8",
                                      colClasses = c(outcome = "character", study = "character")[
                                        intersect(c("outcome", "study"), names(read.csv(file.path("tables", name), nrows = 1)))])
effects <- read_table("main_effects.csv")
stages <- read_table("two_stage.csv")
compared <- NULL

# Estimates and limits differ in units of the standard error, other numbers relatively; variances relative to all variance.
deviation <- function(name, theirs, ours, row) {
  log_scale <- identical(row$scale, "odds_ratio") && name %in% c("estimate", "ci_low", "ci_high")
  if (log_scale) return(abs(log(theirs) - log(ours)) / row$se)
  if (name %in% c("estimate", "ci_low", "ci_high", "wald_low", "wald_high", "prediction_low", "prediction_high"))
    return(abs(theirs - ours) / row$se)
  if (name %in% c("tau2", "slope_var", "sigma2") && !is.null(row$sigma2) && !is.na(row$sigma2))
    return(abs(theirs - ours) / (row$sigma2 + max(ours, 0)))
  if (name == "tau2") return(abs(theirs - ours) / max(ours, row$se^2))
  abs(theirs - ours) / max(abs(ours), if (name == "i2") 1 else 1e-8)
}

compare <- function(label, found, row) {
  if (nrow(row) != 1) stop(label, ": not in the tables")
  for (name in names(found)) {
    theirs <- found[[name]]; ours <- row[[name]]
    if (is.null(theirs) || is.null(ours) || is.na(theirs) || is.na(ours)) next
    # glmer's own standard error is from a rough second difference
    allowed <- if (identical(row$scale, "odds_ratio") && name == "se") 1e-2 else 1e-4
    off <- deviation(name, theirs, ours, row)
    compared <<- rbind(compared, data.frame(analysis = label, number = name, R = theirs, program = ours,
                                            deviation = off, agrees = off <= allowed))
  }
}

in_effects <- function(name, measure, scale, model) effects[effects$outcome == name & effects$measure == measure &
  effects$scale == scale & effects$model == model, ]

frame_of <- function(y, used = primary_set & !is.na(y)) data.frame(y = y[used], T = arm[used], Tc = arm[used] - 0.5,
                                                                   study = factor(study[used]), row = which(used))
for (outcome in outcomes) {
  name <- outcome$plan$name
  measure <- if (is.null(outcome$plan$value)) "percent_improvement" else "value"
  raw <- ifelse(primary_set, outcome$primary, NA)
  linear_models <- function(measure, scale, frame) for (model in c("published", "recommended")) {
    row <- in_effects(name, measure, scale, model)
    if (nrow(row) == 1 && !is.na(row$estimate))
      compare(paste(name, measure, scale, model), linear(frame, model == "recommended", measure == "ancova"), row)
  }
  for (scale in c("standardized", "raw")) {
    y <- if (scale == "raw") raw else standardized(raw)
    linear_models(measure, scale, frame_of(y))
    stage <- two_stage(y)
    own <- stages[stages$outcome == name & stages$measure == measure & stages$scale == scale, ]
    label <- paste(name, measure, scale, "two-stage")
    for (one in names(stage$studies)) compare(paste(label, one), stage$studies[[one]], own[own$study == one, ][1, ])
    if (!is.null(stage$pooled)) compare(paste(label, "pooled"), stage$pooled, tail(own[own$study == "pooled", ], 1))
  }
  if (is.null(outcome$baseline)) next
  score <- frame_of(ifelse(is.na(raw), NA, outcome$followup))
  score$baseline <- outcome$baseline[score$row]
  linear_models("ancova", "raw", score)
  events <- list(response = if (!is.null(outcome$plan$response)) outcome$primary >= outcome$plan$response - 1e-9,
                 remission = if (!is.null(outcome$plan$remission)) outcome$followup <= outcome$plan$remission + 1e-9)
  for (event in names(events)) {
    row <- in_effects(name, event, "odds_ratio", "published")
    if (nrow(row) != 1 || is.na(row$estimate)) next
    frame <- frame_of(raw)
    frame$event <- as.integer(events[[event]][frame$row])
    compare(paste(name, event), logistic(frame), row)
  }
}

shown <- compared
shown$deviation <- sprintf("%.1e", shown$deviation)
shown$agrees <- ifelse(shown$agrees, "yes", "NO")
options(width = 200, digits = 7)
print(shown, row.names = FALSE, right = FALSE)
cat(sprintf("\n%d numbers compared, %d differ. R %s, lme4 %s, lmerTest %s, metafor %s.\n", nrow(compared),
  sum(!compared$agrees), getRversion(), packageVersion("lme4"), packageVersion("lmerTest"), packageVersion("metafor")))
quit(status = as.integer(any(!compared$agrees)))
