# --- side by side ------------------------------------------------------------------------------------------------------

read_table <- function(name) {
  file <- file.path("tables", paste0(name, ".csv"))
  if (file.exists(file)) read_text(file)
}
names_of_tables <- sub("\\.csv$", "", list.files("tables", "\\.csv$"))
tables <- sapply(names_of_tables, read_table, simplify = FALSE)
compared <- left_out <- NULL

# The rows of a table where each of the columns holds what is asked for.
rows_where <- function(table, ...) {
  asked <- list(...)
  found <- lapply(names(asked), function(name) tables[[table]][[name]] %in% asked[[name]])
  if (is.null(tables[[table]])) integer(0) else which(Reduce(`&`, found))
}
# Whether the program has any of these columns in a row.
has <- function(table, at, ...) any(!is.na(unlist(tables[[table]][at, c(...)])))

# What a difference counts in: standard errors for estimates and their limits, else the number's own size.
unit_of <- function(name, row, ours) {
  of <- function(column) if (is.null(row[[column]])) NA else abs(as.numeric(row[[column]]))
  in_se <- c("estimate", "beta", "ci_low", "ci_high", "wald_low", "wald_high", "prediction_low", "prediction_high")
  error <- if (name %in% in_se) of("se") else of(sub("_beta$|beta_|^beta$", if (grepl("^beta_", name)) "se_" else "_se", name))
  if (grepl("^two_stage_.*(beta|low|high)$", name)) error <- (of("two_stage_high") + of("two_stage_low")) / 4
  if (grepl("^(above|below)_", name)) error <- (of(sub("effect|low", "high", name)) + of(sub("effect|high", "low", name))) / 4
  if ((name %in% in_se || grepl("beta", name) || grepl("^two_stage_|^above_|^below_", name)) && isTRUE(error > 0)) return(error)
  total <- if (is.na(of("sigma2"))) of("se")^2 else of("sigma2")
  if (name %in% c("tau2", "slope_var", "sigma2") && !is.na(total)) return(total + max(ours, 0))
  size <- c(i2 = 1, two_stage_i2 = 1, two_stage_tau2 = 1e-2, r = 1, r_within = 1, r_parametric = 1, r_pearson = 1, crossing = 1,
            weight = of("largest"), weight_raw = of("largest_raw"))
  max(abs(ours), if (name %in% names(size)) size[[name]] else 1e-8, na.rm = TRUE)
}

# R's numbers, by the names of the table's columns, beside those of one row.
compare <- function(table, at, found, label) {
  if (length(at) != 1) stop("not in ", table, ".csv")
  row <- as.list(tables[[table]][at, ])
  found <- found[!sapply(found, is.null) & names(found) %in% names(row)[!is.na(row)]]
  theirs <- as.numeric(unlist(found)); ours <- as.numeric(unlist(row[names(found)]))
  is_ratio <- identical(row$scale, "odds_ratio") & names(found) %in% c("estimate", "ci_low", "ci_high")
  off <- mapply(function(name, ratio, r, program) if (ratio) abs(log(r) - log(program)) / as.numeric(row$se) else
    abs(r - program) / unit_of(name, row, program), names(found), is_ratio, theirs, ours)
  compared[[length(compared) + 1]] <<- data.frame(table = rep(table, length(off)), row = rep(at, length(off)), analysis = rep(label, length(off)),
    number = as.character(names(found)), R = theirs, program = ours, deviation = as.numeric(off))
  NULL
}

# Analyses are done side by side where the system can do so. One that fails in R is named, and the others go on.
task <- function(label, run) list(label = label, run = run)
each <- function(tasks) {
  one <- function(task) {
    compared <<- left_out <<- NULL
    value <- tryCatch(task$run(), error = function(fault) {
      left_out <<- c(left_out, paste0(task$label, ": R says: ", conditionMessage(fault)))
      NULL
    })
    list(compared = compared, left_out = left_out, value = value)
  }
  cores <- if (.Platform$OS.type == "windows") 1 else max(1, parallel::detectCores(), na.rm = TRUE)
  found <- if (cores > 1 && length(tasks) > 1) parallel::mclapply(tasks, one, mc.cores = cores, mc.preschedule = TRUE) else
    lapply(tasks, one)
  lost <- !sapply(found, is.list)
  all_compared <<- c(all_compared, unlist(lapply(found[!lost], function(one) one$compared), recursive = FALSE))
  all_left_out <<- c(all_left_out, unlist(lapply(found[!lost], function(one) one$left_out)),
                     vapply(tasks[lost], function(task) paste0(task$label, ": R stopped."), ""))
  lapply(found[!lost], function(one) one$value)
}
all_compared <- list()
all_left_out <- NULL

