# Six invented studies, two scores of whole numbers that tie heavily, studies that differ in their effects; a skewed moderator
# analyzed by its logarithm (some zeros), one of four levels (one too rare), and two of the study. Drawn once, kept in data.csv.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "moderator_models.R"))
draw <- function() {
  set.seed(20226)
  sizes <- c(38, 52, 61, 70, 84, 95); k <- length(sizes); n <- sum(sizes)
  s <- rep(seq_len(k), sizes); T <- rbinom(n, 1, 0.5)
  d <- data.frame(study = paste0("T", s), patient = sprintf("%03d", seq_len(n)), arm = T, visits = rpois(n, 4),
    crp = round(exp(rnorm(n, 0.4, 0.9)), 1), diagnosis = sample(c("major", "bipolar", "mixed", "other"), n, TRUE, c(.48, .29, .2, .03)),
    female = rbinom(n, 1, 0.6), rare = rbinom(n, 1, 0.07), private = c(0, 1, 0, 1, 1, 0)[s], year = c(2004, 2009, 2011, 2012, 2016, 2020)[s])
  d$crp[sample(n, 12)] <- 0
  effect <- 1.5 + c(-2.5, 1, 2, -1, 2.5, -1.5)[s] + 0.8 * (log(d$crp + 0.2) - 0.4) + 1.2 * (d$diagnosis == "bipolar")
  score <- function(share, noise) round(pmin(pmax(6 + c(0, 1.5, -1, 2, -2, 0.5)[s] + share * effect * T + 0.3 * d$visits + noise * rnorm(n), 0), 20))
  d$score <- score(1, 3); d$late_score <- score(0.6, 3.5)
  d$score[sample(n, 14)] <- NA; d$late_score[sample(n, 40)] <- NA
  d$crp[sample(n, 30)] <- NA; d$diagnosis[sample(n, 25)] <- NA; d$rare[s == 3] <- NA
  d
}
file <- file.path(here(), "data.csv")
if (!file.exists(file)) write.csv(draw(), file, row.names = FALSE, na = "")
d <- read.csv(file, na.strings = "", colClasses = c(patient = "character"))
about <- function(kind, level = "patient", log = FALSE) list(kind = kind, level = level, log = log)
save_reference(battery(d, list(score = d$score, late = d$late_score), list(visits = about("continuous"),
  crp = about("continuous", log = TRUE), diagnosis = about("categorical"), female = about("binary"), rare = about("binary"),
  private = about("binary", "study"), year = about("continuous", "study")), c(0.995, 0.4)))
