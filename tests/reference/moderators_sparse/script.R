# Twenty-five invented studies, some of a few patients, far apart at the early time and not at all at the late one; moderators that
# whole studies lack, one of them below the second tier; of the study: binary (one side two studies) and continuous. Drawn once.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "moderator_models.R"))
draw <- function() {
  set.seed(20227)
  sizes <- c(4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 12, 14, 15, 16, 18, 20, 22, 24, 26, 28, 30, 34, 38, 42, 46); k <- length(sizes); n <- sum(sizes)
  s <- rep(seq_len(k), sizes); T <- unlist(lapply(sizes, function(m) sample(rep_len(0:1, m))))
  d <- data.frame(study = sprintf("P%02d", s), patient = seq_len(n), arm = T, base = sample(20:44, n, TRUE),
    age = round(rnorm(n, 44, 12) + 3 * rnorm(k)[s]), weight = round(rnorm(n, 78, 14), 1), employed = rbinom(n, 1, 0.45),
    setting = sample(c("in", "out", "day"), n, TRUE, c(.5, .3, .2)), sleep = round(rnorm(n, 6.5, 1.4), 1), married = rbinom(n, 1, 0.5),
    washout = as.numeric(s %in% c(12, 23)), sessions = sample(4:16, k, TRUE)[s])
  age <- (d$age - 44) / 12
  early <- 20 + 18 * T + 22 * rnorm(k)[s] + 14 * rnorm(k)[s] * (T - 0.5) + 6 * age * T - 4 * d$employed + 24 * rnorm(n)
  late <- 30 + 10 * T + 5 * d$employed * T - 3 * age + 33 * rnorm(n)
  within <- ave(late, s, FUN = function(x) x - 0.8 * mean(x)) + 0.8 * mean(late)  # closer than chance allows: no variance between
  followup <- function(improvement) round(pmax(d$base * (1 - pmin(improvement, 100) / 100), 0))
  d$early <- followup(early); d$late <- followup(within)
  d$early[sample(n, 9)] <- NA; d$late[sample(n, 25)] <- NA
  d$weight[s %in% c(1, 4, 9, 13, 20, 22)] <- NA; d$employed[s %in% c(2, 3, 8, 15, 18)] <- NA; d$setting[s %% 4 == 0] <- NA
  d$sleep[s %% 2 == 1] <- NA; d$married[s != 25 & s != 24] <- NA; d$sessions[s %in% c(6, 17)] <- NA
  d
}
file <- file.path(here(), "data.csv")
if (!file.exists(file)) write.csv(draw(), file, row.names = FALSE, na = "")
d <- read.csv(file, na.strings = "")
about <- function(kind, level = "patient") list(kind = kind, level = level)
improvement <- function(score) 100 * (d$base - score) / d$base
save_reference(battery(d, list(early = improvement(d$early), late = improvement(d$late)), list(age = about("continuous"),
  weight = about("continuous"), employed = about("binary"), setting = about("categorical"), sleep = about("continuous"),
  married = about("binary"), washout = about("binary", "study"), sessions = about("continuous", "study")), c(0.995, 0.4)))
