# --- main effects ------------------------------------------------------------------------------------------------------

frame_of <- function(y, used = !is.na(y)) data.frame(y = y[used], T = arm[used], Tc = arm[used] - 0.5,
                                                     study = factor(study[used]), row = which(used))

effects_of <- function(name, measure, scale, frame, fixed) lapply(c("published", "recommended"), function(model) {
  label <- paste(name, measure, scale, model)
  task(label, function() {
    at <- rows_where("main_effects", outcome = name, measure = measure, scale = scale, model = model)
    if (!length(at) || !has("main_effects", at, "estimate")) return()
    fit <- fit_linear(frame, fixed, model == "recommended")
    compare("main_effects", at, c(told(fit, frame, fixed, "T"), as.list(fit$variances), sigma2 = fit$sigma2, sizes(frame)), label)
    NULL
  })
})
sizes <- function(frame) list(n = nrow(frame), k = length(unique(frame$study)), n_active = sum(frame$T == 1), n_control = sum(frame$T == 0))

events_of <- function(name, event, frame) {
  force(event); force(frame)
  list(task(paste(name, event), function() {
    at <- rows_where("main_effects", outcome = name, measure = event)
    if (!length(at) || !has("main_effects", at, "estimate")) return()
    compare("main_effects", at, c(logistic(frame), sizes(frame)), paste(name, event))
    NULL
  }))
}

two_stages <- function(name, measure, scale, y) {
  used <- !is.na(y)
  each_study <- lapply(split(data.frame(y, arm)[used, ], study[used]), function(one) {
    a <- one$y[one$arm == 1]; c <- one$y[one$arm == 0]
    list(estimate = mean(a) - mean(c), se = sqrt(var(a) / length(a) + var(c) / length(c)), n_active = length(a), n_control = length(c))
  })
  fit <- sapply(each_study, function(one) isTRUE(one$se > 0))
  each_study <- each_study[fit]
  pooled <- if (any(fit)) pool(sapply(each_study, function(one) one$estimate), sapply(each_study, function(one) one$se))
  label <- paste(name, measure, scale, "two-stage")
  without <- if (sum(fit) > 2) quiet(leave1out(pooled$knapp))
  for (one in names(each_study)) {
    at <- rows_where("two_stage", outcome = name, measure = measure, scale = scale, study = if (one == "pooled") "pooled (study)" else one)
    i <- match(one, names(each_study))
    compare("two_stage", at, c(each_study[[one]], weight = if (sum(fit) > 1) weights(pooled$fit)[[i]] else 100,
      without = without$estimate[i], without_low = without$ci.lb[i], without_high = without$ci.ub[i]), paste(label, one))
  }
  if (is.null(pooled)) return(invisible())
  at <- rows_where("two_stage", outcome = name, measure = measure, scale = scale, study = "pooled")
  egger <- if (sum(fit) >= 10) regtest(pooled$fit, model = "lm")
  spread <- if (sum(fit) > 1) confint(pooled$fit, type = "QP", control = list(tol = 1e-12, maxiter = 10000, tau2.max = 1e5))$random
  compare("two_stage", at, c(pooled[!names(pooled) %in% c("fit", "knapp")], if (!is.null(spread)) list(tau2_low = spread["tau^2", "ci.lb"],
      tau2_high = spread["tau^2", "ci.ub"], i2_low = spread["I^2(%)", "ci.lb"], i2_high = spread["I^2(%)", "ci.ub"]),
    egger_p = egger$pval, egger_slope = if (!is.null(egger)) coef(summary(egger$fit))[2, 1]), paste(label, "pooled"))
}

main_effects <- function(outcome) {
  name <- outcome$plan$name
  y <- outcome$primary
  if (isTRUE(outcome$further)) {
    measure <- if (is.null(outcome$baseline)) "value" else "ancova"
    frame <- frame_of(y)
    frame$baseline <- outcome$baseline[frame$row]
    return(effects_of(name, measure, "raw", frame, c("T", if (measure == "ancova") "baseline")))
  }
  measure <- if (is.null(outcome$plan$value)) "percent_improvement" else "value"
  tasks <- unlist(lapply(c("standardized", "raw"), function(scale) {
    on_scale <- if (scale == "raw") y else standardized(y)
    c(effects_of(name, measure, scale, frame_of(on_scale), "T"),
      list(task(paste(name, measure, scale, "two-stage"), function() two_stages(name, measure, scale, on_scale))))
  }), recursive = FALSE)
  if (is.null(outcome$baseline)) return(tasks)
  score <- frame_of(ifelse(is.na(y), NA, outcome$followup))
  score$baseline <- outcome$baseline[score$row]
  tasks <- c(tasks, effects_of(name, "ancova", "raw", score, c("T", "baseline")))
  events <- list(response = if (!is.null(outcome$plan$response)) y >= outcome$plan$response - 1e-9,
                 remission = if (!is.null(outcome$plan$remission)) outcome$followup <= outcome$plan$remission + 1e-9)
  for (event in names(Filter(Negate(is.null), events))) {
    frame <- frame_of(y)
    frame$event <- as.integer(events[[event]][frame$row])
    tasks <- c(tasks, events_of(name, event, frame))
  }
  tasks
}

every_outcome <- c(outcomes, lapply(further, function(one) c(one, further = TRUE)))
invisible(each(unlist(lapply(every_outcome, main_effects), recursive = FALSE)))

