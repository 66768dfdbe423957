# Vickers et al. 2004, BMJ 328:744: headache score at 12 months, acupuncture or not, one study: ordinary least squares.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "mixed_models.R"))
d <- shared("acupuncture_headache_long.csv")
d <- d[d$time == 12 & !is.na(d$head), ]
d <- data.frame(y = d$head, T = d$treat - 1, d[c("head_base", "age", "sex", "migraine", "chronicity")])
least_squares <- function(formula) {
  fit <- lm(formula, d)
  list(terms = names(coef(fit)), n = nrow(d), beta = unname(coef(fit)), cov = unname(vcov(fit)), sigma2 = sigma(fit)^2,
       df = fit$df.residual, p = unname(coef(summary(fit))[, "Pr(>|t|)"]), limits = unname(confint(fit)), loglik = as.numeric(logLik(fit)))
}
by_arm <- function(f) as.list(setNames(tapply(d$y, d$T, f), c("control", "active")))
save_reference(list(numbers = numbers_of("acupuncture_headache_long"), mean = by_arm(mean), sd = by_arm(sd), n = by_arm(length),
  ancova = least_squares(y ~ T + head_base + age + sex + migraine + chronicity), baseline_only = least_squares(y ~ T + head_base)))
