# Eight invented datasets: few and many studies, no or large variance, rare events, uneven arms, studies without events or arms.
# The data are drawn here once and kept in data.csv, so that the comparison does not hang on R's generator.
# The data and what R makes of them stand in resources/selftest: the program checks itself with them as well.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "logistic_models.R"))
script_folder <- here()
here <- function() file.path(script_folder, "..", "..", "resources", "selftest", "logistic")
set.seed(20221)
cases <- data.frame(k = c(17, 2, 5, 40, 17, 12, 10, 8), low = c(8, 20, 20, 6, 10, 20, 8, 10), high = c(24, 40, 60, 12, 30, 40, 20, 20),
  tau = c(0.5, 0.5, 0, 1, 0.05, 0.7, 2.5, 0.8), base = c(-1, 0, -0.5, 0.3, -1, -3, 0, 0), share = c(.5, .5, .5, .5, .25, .5, .6, .5),
  one_arm = c(0, 0, 0, 0, 0, 0, 0, 2))
draw <- function(i) {
  case <- cases[i, ]
  n <- sample(case$low:case$high, case$k, replace = TRUE)
  do.call(rbind, lapply(seq_len(case$k), function(s) {
    T <- rbinom(n[s], 1, case$share); T[1:2] <- c(0, 1)
    if (s <= case$one_arm) T <- rep(s %% 2, n[s])
    data.frame(dataset = i, study = s, T = T, event = rbinom(n[s], 1, plogis(case$base + 0.8 * T + case$tau * rnorm(1))))
  }))
}
file <- file.path(here(), "data.csv")
if (!file.exists(file)) write.csv(do.call(rbind, lapply(seq_len(nrow(cases)), draw)), file, row.names = FALSE)
d <- read.csv(file)
save_reference(list(datasets = lapply(split(d, d$dataset), function(s) list(
  laplace = logistic(event ~ T + (1 | study), s, 1), quadrature15 = logistic(event ~ T + (1 | study), s, 15)))))
