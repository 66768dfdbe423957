# Weights of a combined moderator by glmnet on all pairs written out, with the penalty chosen by cross-validation over patients:
# an invented dataset (made here) and set 1 of the demo, from the generator's truth. Four penalties.
suppressMessages({library(glmnet); library(jsonlite)})
here <- dirname(normalizePath(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))))
glmnet.control(fdev = 0, devmax = 1, eps = 1e-300)  # the whole path, to the end
alphas <- list(elastic_net = 0.5, ridge = 0, lasso = 1)
shown <- c(1, 2, 10, 25, 50, 75, 100)
folds <- 10

pairs <- function(d) {
  active <- d[d$arm == 1, ]; control <- d[d$arm == 0, ]
  i <- rep(seq_len(nrow(active)), nrow(control)); j <- rep(seq_len(nrow(control)), each = nrow(active))
  names <- setdiff(names(d), c("arm", "y", "fold"))
  list(D = active$y[i] - control$y[j], A = as.matrix(active[i, names] + control[j, names]) / 2)
}
fit <- function(p, alpha, ...) glmnet(p$A, p$D, alpha = alpha, thresh = 1e-22, maxit = 1e8, ...)
chosen <- function(d, alpha) {
  all <- pairs(d)
  whole <- fit(all, alpha, nlambda = 100, lambda.min.ratio = 1e-4)
  lambda <- whole$lambda
  if (alpha == 0) lambda[1] <- lambda[2]^2 / lambda[3]  # printed as its formula has it
  error <- 0; n <- 0
  for (f in seq_len(folds) - 1) {
    train <- fit(pairs(d[d$fold != f, ]), alpha, lambda = lambda)
    test <- pairs(d[d$fold == f, ])
    error <- error + colSums((test$D - predict(train, test$A))^2); n <- n + length(test$D)
  }
  at <- which.min(error)
  again <- fit(all, alpha, lambda = lambda)
  list(lambda = lambda[shown], weights = unname(t(as.matrix(coef(again)[-1, shown]))), error = unname(error[shown] / n),
    chosen = lambda[at], chosen_weights = unname(coef(again)[-1, at]))
}
of_data <- function(d) {
  names <- setdiff(names(d), c("arm", "y"))
  d[names] <- scale(d[names])
  d$fold <- (seq_len(nrow(d)) - 1) %% folds
  found <- lapply(alphas, function(alpha) chosen(d, alpha))
  all <- pairs(d)
  c(list(n = nrow(d), none = unname(coef(lm(all$D ~ all$A))[-1]),
    moments = list(cov = unname(cov(all$A) * (1 - 1 / length(all$D))), cross = unname(c(cov(all$A, all$D)) * (1 - 1 / length(all$D))),
      var = mean((all$D - mean(all$D))^2))), found)
}

set.seed(62)
n <- 90
z <- matrix(rnorm(4 * n), n)
made <- data.frame(arm = rbinom(n, 1, 0.45), a = z[, 1], b = z[, 1] * 0.8 + z[, 2] * 0.6, c = 40 + 12 * z[, 3], d = rbinom(n, 1, 0.3), e = z[, 4])
made$y <- round(20 + 15 * made$arm + 8 * (made$arm - 0.5) * (made$a - 0.5 * made$d) + 3 * made$b + 20 * rnorm(n), 3)
made[c("a", "b", "c", "e")] <- round(made[c("a", "b", "c", "e")], 4)
write.csv(made, file.path(here, "data.csv"), row.names = FALSE)

truth <- read.csv(file.path(here, "..", "..", "data", "demo_truth.csv"), colClasses = c(study = "character", patient = "character"))
truth <- truth[truth$excluded == "" | is.na(truth$excluded), ]
truth$y <- 100 * (truth$madrs_baseline - truth$madrs_post_rapid) / truth$madrs_baseline
demo <- na.omit(truth[c("arm", "y", "mdd", "inpatient", "age", "female", "us_site", "trd_2plus")])

writeLines(toJSON(list(versions = list(R = paste(R.version$major, R.version$minor, sep = "."),
    glmnet = as.character(packageVersion("glmnet"))), generated = of_data(read.csv(file.path(here, "data.csv"))), demo_set_1 = of_data(demo)),
  digits = NA, auto_unbox = TRUE, pretty = 1), file.path(here, "output.json"))
