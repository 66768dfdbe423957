# Respiratory data of HSAUR3 (111 patients, 4 visits; Hothorn & Everitt, vignette Ch_analysing_longitudinal_dataII, Fig 14.12).
# The tolerance of glmer's inner iterations matters: at its default the Laplace fit stops at logLik -213.2992.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "logistic_models.R"))
d <- shared("respiratory_2centres_long.csv")
base <- d[d$month == 0, c("subject", "status")]
names(base)[2] <- "baseline"
d <- merge(d[d$month != 0, ], base)
d$y <- as.numeric(d$status == "good"); d$age <- d$age / 10; d$month <- factor(d$month); d$centre <- factor(d$centre)
fit <- function(nodes) {
  m <- glmer(y ~ treatment + baseline + month + gender + age + centre + (1 | subject), d, family = binomial, nAGQ = nodes,
    control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-12, optCtrl = list(maxfun = 1e5, rhoend = 1e-8)))
  list(nodes = nodes, loglik = as.numeric(logLik(m)), tau = getME(m, "theta")[[1]], terms = names(fixef(m)),
       beta = as.numeric(fixef(m)), se = sqrt(diag(as.matrix(vcov(m)))))
}
d$baseline <- factor(d$baseline, c("poor", "good")); d$treatment <- factor(d$treatment, c("placebo", "treatment"))
# Fig 14.3: the four visits pooled as if they were of different patients; age is per 10 years here.
save_reference(list(laplace = fit(1), quadrature25 = fit(25), numbers = numbers_of("respiratory_2centres_long"),
  glm_pooled = plain_logistic(y ~ centre + treatment + gender + baseline + age, d)))
