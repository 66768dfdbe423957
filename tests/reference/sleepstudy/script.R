# lme4's sleepstudy (Belenky et al. 2003) and cbpp (Lesnoff et al. 2004), of which only the results are kept. Bates et al. 2015
# (J Stat Softw 67) print for the correlated model REML 1743.6, coefficients 251.405 (6.825) and 10.467 (1.546).
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "..", "classic_models.R"))
reactions <- with(lme4::sleepstudy, data.frame(study = Subject, x = Days, y = Reaction))
herds <- with(lme4::cbpp, data.frame(study = herd, period = as.integer(period), size = size, cases = incidence))
save_reference(list(sleepstudy = reaction_models(reactions), cbpp = herd_models(herds)))
