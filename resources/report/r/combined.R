# --- combined moderators -----------------------------------------------------------------------------------------------

MOST_PAIRS <- 6e6
WITHOUT <- " without study-level"

# The moderators of a set by name; of the set "... without study-level" those that tell patients of one study apart.
members_of <- function(name, outcome) {
  whole <- sub(paste0(WITHOUT, "$"), "", name)
  asked <- Filter(function(one) one$name == name, plan$sets)
  if (!length(asked)) {
    asked <- Filter(function(one) one$name == whole, plan$sets)
    at <- rows_where("combined_weights", outcome = outcome, set = whole, level = "study")
    of_study <- sub(":.*", "", tables$combined_weights$moderator[at])
  } else of_study <- NULL
  names <- setdiff(unique(unlist(asked[[1]]$moderators)), of_study)
  Filter(function(one) !isTRUE(one$design), set_members[names])
}

# Weights by glmnet on all pairs written out, at the program's penalty, and how far that is from glmnet's own path.
weights_of <- function(A, D, row) {
  if (row$penalty == "none") {
    fit <- .lm.fit(cbind(1, A), D)
    if (fit$rank < ncol(A) + 1) stop("some members are determined by others, and lm leaves one out")
    return(list(weights = fit$coefficients[-1]))
  }
  alpha <- as.numeric(row$l1_ratio); wanted <- as.numeric(row$lambda)
  glmnet::glmnet.control(fdev = 0, devmax = 1, eps = 1e-300)  # the whole path, to the end
  fit <- function(...) glmnet::glmnet(A, D, alpha = alpha, thresh = 1e-20, maxit = 1e7, ...)
  one <- ncol(A) == 1  # which glmnet does not take: a column of zeros beside it changes nothing
  if (one) A <- cbind(A, 0)
  path <- glmnet::glmnet(A, D, alpha = alpha, nlambda = 100, lambda.min.ratio = 1e-4)$lambda
  if (alpha == 0) path[1] <- path[2]^2 / path[3]  # printed as its formula has it
  at <- which.min(abs(log(path) - log(wanted)))
  b <- as.numeric(coef(fit(lambda = c(path[seq_len(at - 1)], wanted)))[-1, at])
  list(weights = if (one) b[1] else b, lambda = path[at])
}

combined <- function(at) {
  row <- tables$combined[at, ]
  outcome <- Filter(function(one) one$plan$name == row$outcome, outcomes)[[1]]
  named <- lapply(members_of(row$set, row$outcome), terms_of)
  columns <- do.call(c, unname(lapply(named, function(one) setNames(one$columns, one$names))))
  units <- do.call(c, unname(lapply(named, function(one) setNames(one$unit, one$names))))
  in_table <- rows_where("combined_weights", outcome = row$outcome, set = row$set)
  written <- tables$combined_weights[in_table, ]
  names <- ifelse(written$moderator %in% names(columns), written$moderator, sub("\\.0$", "", written$moderator))
  used <- !is.na(outcome$primary) & Reduce(`&`, lapply(columns, function(x) !is.na(x)))
  raw <- sapply(columns[names], function(x) x[used])
  x <- scale(raw)
  spread <- apply(raw, 2, sd) * units[names]
  y <- outcome$primary[used]; active <- arm[used] == 1
  label <- paste(row$outcome, "set", row$set)
  if (sum(active) * sum(!active) > MOST_PAIRS) stop("its pairs are too many to be written out")
  i <- rep(which(active), sum(!active)); j <- rep(which(!active), each = sum(active))
  D <- y[i] - y[j]; A <- unname((x[i, , drop = FALSE] + x[j, , drop = FALSE]) / 2)
  found <- weights_of(A, D, row)
  w <- found$weights
  largest <- function(column) max(abs(as.numeric(written[[column]])), 1e-8)
  tables$combined_weights[in_table, "largest"] <<- largest("weight")
  tables$combined_weights[in_table, "largest_raw"] <<- largest("weight_raw")
  for (one in seq_along(names)) compare("combined_weights", in_table[one], list(weight = w[one], weight_raw = w[one] / spread[one]),
                                        paste(label, names[one]))
  own <- list(n = length(y), k = length(unique(study[used])), n_active = sum(active), n_control = sum(!active), lambda = found$lambda)
  if (all(w == 0)) return(compare("combined", at, c(own, r_pearson = 0), label))
  score <- drop(x %*% w)
  own$r_pearson <- cor(D, drop(A %*% w))
  if (!has("combined", at, "r")) return(compare("combined", at, own, label))
  compare("combined", at, c(own, over_score(outcome, used, (score - mean(score)) / sd(score), row)), label)
}

# The models over z-scored M* (Satterthwaite's df whatever the plan says), the lines of the published one, where they cross, and the effect on both sides.
over_score <- function(outcome, used, score, row) {
  frame <- frame_of(standardized(outcome$primary), used)
  frame$m <- score; frame$Tm <- frame$T * score
  fits <- lapply(c(FALSE, TRUE), function(slope) fit_linear(frame, c("T", "m", "Tm"), slope, "satterthwaite"))
  own <- lapply(fits, function(fit) fit$test("Tm"))
  b <- fits[[1]]$coefficients
  crossing <- -b[["T"]] / b[["Tm"]]
  side <- function(name, which) {
    if (!any(which)) return(setNames(list(0), paste0(name, "_n")))
    found <- list(estimate = NA)
    if (!is.na(row[[paste0(name, "_effect")]])) {
      found <- fit_linear(frame[which, ], "T", FALSE, "satterthwaite")$test("T")
      found$limits <- t_limits(found)
    }
    setNames(list(sum(which), found$estimate, found$limits[1], found$limits[2]), paste0(name, c("_n", "_effect", "_low", "_high")))
  }
  c(list(r = pair_r(outcome$primary[used], score, frame$T == 1), beta = own[[1]]$estimate, se = own[[1]]$se,
         beta_recommended = own[[2]]$estimate, se_recommended = own[[2]]$se, score_low = min(score), score_high = max(score),
         control_intercept = b[["(Intercept)"]], control_slope = b[["m"]], active_intercept = b[["(Intercept)"]] + b[["T"]],
         active_slope = b[["m"]] + b[["Tm"]], crossing = crossing, share_above = mean(score > crossing)),
    side("above", score > crossing), side("below", score <= crossing))
}

if (!is.null(tables$combined_weights)) tables$combined_weights[c("largest", "largest_raw")] <- rep(NA_real_, nrow(tables$combined_weights))
sets <- which(!is.na(tables$combined$lambda))
invisible(each(lapply(sets, function(at) task(paste0(tables$combined$outcome[at], ", set ", tables$combined$set[at]),
                                              function() combined(at)))))

