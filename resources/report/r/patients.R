# --- who is analyzed ---------------------------------------------------------------------------------------------------

# An apostrophe keeps texts from running as formulas in a spreadsheet program; it is no part of them.
read_text <- function(file) {
  found <- read.csv(file, colClasses = "character", na.strings = "", check.names = FALSE, encoding = "UTF-8")
  plain <- function(text) sub("^'(?='*[=+\\-@\t\r])", "", text, perl = TRUE)
  names(found) <- plain(names(found))
  found[] <- lapply(found, plain)
  found
}
data <- read_text("harmonized.csv")
number <- function(column) suppressWarnings(as.numeric(if (is.null(data[[column]])) rep(NA, nrow(data)) else data[[column]]))
text <- function(column) trimws(ifelse(is.na(data[[column]]), "", data[[column]]))

matches <- function(column, wanted) {
  found <- rep(FALSE, nrow(data))
  for (value in wanted) {
    as_number <- suppressWarnings(as.numeric(value))
    found <- found | if (is.na(as_number)) text(column) == as.character(value) else number(column) %in% as_number
    if (is.logical(value)) found <- found | tolower(text(column)) == tolower(as.character(value))
  }
  found
}

kept <- rep(TRUE, nrow(data))
for (rule in plan$include) {
  if (!is.null(rule$equals)) kept <- kept & matches(rule$column, list(rule$equals))
  if (!is.null(rule[["in"]])) kept <- kept & matches(rule$column, rule[["in"]])
  values <- number(rule$column)
  if (!is.null(rule$min)) kept <- kept & !is.na(values) & values >= rule$min
  if (!is.null(rule$max)) kept <- kept & !is.na(values) & values <= rule$max
}

arm <- number(plan$columns$arm)
study <- text(plan$columns$study)
reason <- ifelse(kept & !is.na(arm) & study != "", "", "other")
known <- c("other_dose", "other_drug", "later_infusion", "duplicate", "other")  # which scores count is the plan's to say
if ("excluded" %in% names(data)) reason <- ifelse(text("excluded") %in% known, text("excluded"), reason)
if (plan$columns$patient %in% names(data)) {
  named <- which(reason == "" & !is.na(data[[plan$columns$patient]]))
  reason[named[duplicated(data[named, ])]] <- "duplicate"
}

outcomes <- lapply(plan$outcomes, function(outcome) {
  if (!is.null(outcome$value)) return(list(plan = outcome, primary = number(outcome$value)))
  baseline <- number(outcome$baseline)
  baseline[which(baseline <= 0)] <- NA
  followup <- number(outcome$followup)
  list(plan = outcome, primary = 100 * (baseline - followup) / baseline, baseline = baseline, followup = followup)
})
baselines <- lapply(outcomes, function(outcome) outcome$baseline)
if (!any(sapply(baselines, is.null)))
  reason[reason == "" & Reduce(`&`, lapply(baselines, is.na))] <- "no_baseline"
reason[reason == "" & Reduce(`&`, lapply(outcomes, function(outcome) is.na(outcome$primary)))] <- "no_followup"
primary_set <- reason == ""
cat(sprintf("%d patients in %d studies are analyzed\n", sum(primary_set), length(unique(study[primary_set]))))

# From here on, the primary set alone.
data <- data[primary_set, , drop = FALSE]
arm <- arm[primary_set]; study <- study[primary_set]
outcomes <- lapply(outcomes, function(outcome) c(outcome["plan"], lapply(outcome[-1], function(values) values[primary_set])))
further <- lapply(plan$further_outcomes, function(outcome) {
  if (!is.null(outcome$value)) return(list(plan = outcome, primary = number(outcome$value)))
  list(plan = outcome, primary = ifelse(is.na(number(outcome$baseline)), NA, number(outcome$followup)),
       baseline = number(outcome$baseline))
})

standardized <- function(y) {
  present <- y[!is.na(y)]
  if (length(present) < 2 || sd(present) <= 1e-12 * max(abs(present))) return(y * NA)
  (y - mean(present)) / sd(present)
}

