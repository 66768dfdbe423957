# Repeats in R the numbers of this folder and sets R's beside those of @PROGRAM@: main effects, moderators, combined moderators.
# In the folder that holds harmonized.csv, plan.json and tables/:   Rscript reproduce.R
# Needs lme4, lmerTest and metafor; glmnet for combined moderators, pbkrtest for Kenward-Roger. What is not repeated is
# named at the end, with the reason.

# --- the plan --------------------------------------------------------------------------------------------------------

written_plan <- @PLAN@

# What the sets of moderators may name: how each is measured, and whether it is a fact of a study's design.
set_members <- @MEMBERS@

script <- sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))
if (length(script)) setwd(dirname(normalizePath(script[1])))

plan <- written_plan
if (requireNamespace("jsonlite", quietly = TRUE) && file.exists("plan.json")) plan <- jsonlite::read_json("plan.json")

needed <- c("lme4", "lmerTest", "numDeriv", "metafor", if (length(plan$sets) && plan$combined$penalty != "none") "glmnet",
            if (plan$model$df == "kenward_roger") "pbkrtest")
missing <- needed[!sapply(needed, requireNamespace, quietly = TRUE)]
if (length(missing)) {
  cat("R lacks packages: ", paste(missing, collapse = ", "), ".\nIn R: install.packages(c(",
      paste0('"', missing, '"', collapse = ", "), "))\n", sep = "")
  quit(status = 3)
}
suppressPackageStartupMessages({library(lme4); library(lmerTest); library(metafor)})

