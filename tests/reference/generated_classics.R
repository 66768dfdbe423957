# Invented data in the shape of three classics, so that the data themselves can be kept here: reaction times over ten days
# (Bates et al. 2015, J Stat Softw 67, from the estimates printed there), disease in herds over four periods, ticks on chicks of
# broods. Drawn once and kept; the real ones of the first two stand in sleepstudy/.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "classic_models.R"))
script_folder <- here()
here <- function() file.path(script_folder, "generated_classics")

draw_reactions <- function() do.call(rbind, lapply(1:18, function(s) {
  u <- rnorm(2)
  intercept <- 251.405 + 24.741 * u[1]
  slope <- 10.467 + 5.922 * (0.066 * u[1] + sqrt(1 - 0.066^2) * u[2])
  data.frame(study = s, x = 0:9, y = round(intercept + slope * 0:9 + 25.592 * rnorm(10), 4))
}))
draw_herds <- function() do.call(rbind, lapply(1:15, function(herd) {
  size <- sample(2:30, 4, replace = TRUE)
  log_odds <- -1.4 + c(0, -1, -1.1, -1.6) + 0.64 * rnorm(1)
  data.frame(study = herd, period = 1:4, size = size, cases = rbinom(4, size, plogis(log_odds)))
}))
# Small broods that differ a lot, where one node and fifteen disagree.
draw_broods <- function() do.call(rbind, lapply(1:110, function(brood) {
  n <- sample(1:8, 1); year <- sample(95:97, 1); height <- round(rnorm(1, 0, 3), 2)
  data.frame(study = brood, year = year, height = height,
    event = rbinom(n, 1, plogis(0.4 + 1.1 * (year == 96) - 0.9 * (year == 97) - 0.25 * height + 1.5 * rnorm(1))))
}))
kept <- function(name, draw) {
  file <- file.path(here(), paste0(name, ".csv"))
  if (!file.exists(file)) write.csv(draw(), file, row.names = FALSE)
  read.csv(file)
}
set.seed(20226)
reactions <- kept("reactions", draw_reactions)
herds <- kept("herds", draw_herds)
broods <- kept("broods", draw_broods)
for (year in 96:97) broods[[paste0("year", year)]] <- as.numeric(broods$year == year)
of_broods <- function(nodes) logistic_whole(event ~ year96 + year97 + height + (1 | study), broods, nodes, c("year96", "year97", "height"))
save_reference(list(reactions = reaction_models(reactions), herds = herd_models(herds),
  broods = list(laplace = of_broods(1), quadrature15 = of_broods(15))))
