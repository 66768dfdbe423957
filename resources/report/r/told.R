# --- what came of it ---------------------------------------------------------------------------------------------------

ALLOWED <- 1e-4
compared <- do.call(rbind, all_compared)
compared$agrees <- !is.na(compared$deviation) & compared$deviation <= ALLOWED
shown <- compared[c("table", "analysis", "number", "R", "program", "deviation", "agrees")]
for (column in c("R", "program")) shown[[column]] <- formatC(shown[[column]], digits = 8, width = 1)
shown$deviation <- sprintf("%.1e", shown$deviation)
shown$agrees <- ifelse(shown$agrees, "yes", "NO")
options(width = 250, max.print = 1e7)
print(shown, row.names = FALSE, right = FALSE)

# What of the tables R was not asked for, found by looking: columns of numbers, and rows with an estimate.
why <- c(r_low = "bootstrap", r_high = "bootstrap", r_failed = "bootstrap", ard_low = "bootstrap", ard_high = "bootstrap",
  nnt_low = "bootstrap", nnt_high = "bootstrap", selected = "bootstrap", weight_low = "bootstrap", weight_high = "bootstrap",
  crossing_low = "bootstrap", crossing_high = "bootstrap", p_permutation = "permutations", null_high = "permutations",
  r_cv = "cross-validation", r_leave_study_out = "cross-validation", r_flexible_cv = "cross-validation",
  r_flexible_leave_study_out = "cross-validation", level = "no result", l1_ratio = "no result")
random <- "drawn with the program's random numbers, which R cannot draw again"
said <- c(bootstrap = paste("bootstrap,", random), permutations = paste("permutations,", random),
          `cross-validation` = paste("folds,", random))
cat("\nNot repeated in R:\n")
for (table in c("main_effects", "two_stage", "moderators", "combined", "combined_weights")) {
  all <- tables[[table]]
  is_number <- sapply(all, function(x) any(!is.na(x)) && !anyNA(suppressWarnings(as.numeric(x[!is.na(x)]))))
  left <- setdiff(names(all)[is_number], c(compared$number[compared$table == table], "set", "study", "outcome", "moderator", "tier",
    "level", "l1_ratio", "largest", "largest_raw", grep("^published", names(all), value = TRUE)))
  for (reason in unique(why[left])) {
    own <- left[why[left] %in% reason]
    cat(sprintf("  %s.csv: %s%s\n", table, paste(own, collapse = ", "), if (is.na(reason)) "" else paste0(" (", said[[reason]], ")")))
  }
}
if (any(!is.na(tables$combined$lambda))) cat("  The choice of the penalty in combined.csv (folds, ", random, "): the weights are glmnet's at the program's\n",
  "  penalty, which stands on glmnet's own path.\n", sep = "")
others <- setdiff(names(tables), unique(compared$table))
others <- others[sapply(others, function(name) NROW(tables[[name]]) > 0)]
cat(sprintf("  %s.csv: the whole table\n", others), sep = "")
estimate_of <- c(main_effects = "estimate", two_stage = "estimate", moderators = "p", combined = "lambda", combined_weights = "weight")
for (table in names(estimate_of)) {
  rows <- setdiff(which(!is.na(tables[[table]][[estimate_of[[table]]]])), compared$row[compared$table == table])
  for (at in rows) cat(sprintf("  %s.csv, row %d: %s\n", table, at + 1, paste(unlist(tables[[table]][at, seq_len(min(3, ncol(tables[[table]])))]), collapse = ", ")))
}
if (length(all_left_out)) cat(paste0("  ", all_left_out, "\n"), sep = "")

versions <- paste(sapply(setdiff(needed, "numDeriv"), function(name) paste(name, packageVersion(name))), collapse = ", ")
worst <- compared[which.max(ifelse(is.na(compared$deviation), Inf, compared$deviation)), ]
cat(sprintf("\nReproduced in R %s (%s): %d numbers compared, %d differ, %d analyses failed in R; largest deviation %.1e (%s, %s).\n",
  getRversion(), versions, nrow(compared), sum(!compared$agrees), length(all_left_out), worst$deviation, worst$analysis, worst$number))
quit(status = as.integer(any(!compared$agrees) || length(all_left_out) > 0))
