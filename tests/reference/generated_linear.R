# Twenty invented datasets at the edges: few and many studies, no or huge variances, uneven arms, studies of one arm.
# The data are drawn here once and kept in data.csv, so that the comparison does not hang on R's generator.
# The data and what R makes of them stand in resources/selftest: the program checks itself with them as well.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "mixed_models.R"))
script_folder <- here()
here <- function() file.path(script_folder, "..", "..", "resources", "selftest", "linear")
set.seed(20220)
cases <- rbind(
  #            k  low high tau  nu  share one_arm
  data.frame(k = 17, low = 6, high = 20, tau = 0.5, nu = 0.3, share = 0.5, one_arm = 0),
  data.frame(k = 2, low = 20, high = 30, tau = 0.5, nu = 0.2, share = 0.5, one_arm = 0),
  data.frame(k = 3, low = 10, high = 30, tau = 0.3, nu = 0.3, share = 0.5, one_arm = 0),
  data.frame(k = 5, low = 5, high = 40, tau = 1, nu = 0.5, share = 0.5, one_arm = 0),
  data.frame(k = 40, low = 4, high = 8, tau = 0.4, nu = 0.4, share = 0.5, one_arm = 0),
  data.frame(k = 17, low = 6, high = 20, tau = 0, nu = 0, share = 0.5, one_arm = 0),
  data.frame(k = 10, low = 6, high = 20, tau = 0, nu = 0.8, share = 0.5, one_arm = 0),
  data.frame(k = 17, low = 6, high = 20, tau = 0.05, nu = 0.05, share = 0.5, one_arm = 0),
  data.frame(k = 12, low = 6, high = 20, tau = 0.02, nu = 0.2, share = 0.5, one_arm = 0),
  data.frame(k = 12, low = 6, high = 20, tau = 100, nu = 0.3, share = 0.5, one_arm = 0),
  data.frame(k = 12, low = 6, high = 20, tau = 100, nu = 50, share = 0.5, one_arm = 0),
  data.frame(k = 8, low = 10, high = 20, tau = 1, nu = 10, share = 0.5, one_arm = 0),
  data.frame(k = 17, low = 8, high = 20, tau = 0.5, nu = 0.3, share = 0.2, one_arm = 0),
  data.frame(k = 17, low = 8, high = 20, tau = 0.5, nu = 0.3, share = 0.9, one_arm = 0),
  data.frame(k = 17, low = 2, high = 40, tau = 0.5, nu = 0.3, share = 0.35, one_arm = 0),
  data.frame(k = 10, low = 8, high = 16, tau = 0.5, nu = 0.3, share = 0.5, one_arm = 1),
  data.frame(k = 10, low = 8, high = 16, tau = 0.5, nu = 0, share = 0.5, one_arm = 3),
  data.frame(k = 4, low = 8, high = 60, tau = 0.2, nu = 0.6, share = 0.5, one_arm = 0),
  data.frame(k = 6, low = 3, high = 5, tau = 0.5, nu = 0.5, share = 0.5, one_arm = 0),
  data.frame(k = 25, low = 4, high = 12, tau = 0.3, nu = 0.5, share = 0.6, one_arm = 0))
draw <- function(i) {
  case <- cases[i, ]
  n <- sample(case$low:case$high, case$k, replace = TRUE)
  do.call(rbind, lapply(seq_len(case$k), function(s) {
    T <- rbinom(n[s], 1, case$share)
    if (n[s] > 1) T[1:2] <- c(0, 1)
    if (s <= case$one_arm) T <- rep(s %% 2, n[s])
    x <- rnorm(n[s]) + 0.3 * rnorm(1)
    y <- 10 + 0.4 * T + 0.3 * x + case$tau * rnorm(1) + case$nu * rnorm(1) * (T - 0.5) + rnorm(n[s])
    data.frame(dataset = i, study = s, T = T, x = round(x, 6), y = round(y, 6))
  }))
}
file <- file.path(here(), "data.csv")
if (!file.exists(file)) write.csv(do.call(rbind, lapply(seq_len(nrow(cases)), draw)), file, row.names = FALSE)
d <- read.csv(file)
d$Tc <- d$T - 0.5
save_reference(list(datasets = lapply(split(d, d$dataset), function(s) list(
  published = linear(published, s, "T"), recommended = linear(recommended, s, "T"),
  covariate_recommended = linear(update(recommended, . ~ . + x), s, "T"),
  lme4_confint_published = lme4_confint(published, s, "T"), lme4_confint_recommended = lme4_confint(recommended, s, "T")))))
