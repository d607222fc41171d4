"""The tables of a backtest, declared once: what each column holds, and which of them count pupils.

The measures fill them, the report and the files beside it print them, and the disclosure policy reads from the roles
here what must be suppressed or rounded before anything may leave the authority.
"""

from __future__ import annotations

from ..disclosure.columns import Column, EvidenceTable, Role, count, label, plain, rate, setting

_YEAR = label("year", "feature year that tested, as 2024/25; its outcome is of the year after")
_RIVAL = (
    label("rival", "short name of the model or rule"),
    label("words", "what it is, in words"),
    label("kind", "`model` or `rule`"),
    label("candidate", "whether it is the model that is judged (True or False)"),
)
_GROUP_MEASURES = (
    count("n", "pupils of the group"),
    count("events", "of them, met the outcome"),
    count("listed", "of them, on the list at capacity (ties at the edge in expectation)"),
    count("found", "listed and met the outcome"),
    count("missed", "met the outcome and not listed"),
    count("listed_wrongly", "listed and did not meet the outcome"),
    count("non_events", "did not meet the outcome"),
    *rate("selection_rate", "listed of all", "listed", "n"),
    *rate("precision", "met the outcome of those listed", "found", "listed"),
    *rate("miss_rate", "not listed of those who met the outcome", "missed", "events"),
    *rate(
        "false_listing_rate", "listed of those who did not meet the outcome", "listed_wrongly", "non_events"
    ),
    *plain("calibration_gap", "observed share less mean stated probability"),
    *plain("selection_rate_gap", "selection rate less that of everyone else"),
    *plain("precision_gap", "precision less that of everyone else"),
    *plain("miss_rate_gap", "miss rate less that of everyone else"),
    *plain("false_listing_rate_gap", "false-listing rate less that of everyone else"),
    *plain("calibration_gap_gap", "calibration gap less that of everyone else"),
    label("state", "`enough` or `too few to say`"),
)

EVIDENCE_TABLES: dict[str, EvidenceTable] = {
    table.name: table
    for table in (
        EvidenceTable(
            "years",
            "Every feature year seen, what it was used for, and why a year was left out.",
            (
                _YEAR,
                label("role", "`tested`, `trains or calibrates only`, `kept closed` or `left out`"),
                label("trained", "feature years the models of this test were trained on"),
                label("calibrated", "feature year they were calibrated on"),
                label("why", "why it was left out, in words; else empty"),
                label("final", "whether it is the final test year (True or False)"),
                count("n", "pupils with a known outcome"),
                count("events", "of them, met the outcome"),
                setting("schools", "schools of those pupils"),
            ),
        ),
        EvidenceTable(
            "flow",
            "Where every pupil went, step by step; the sums balance.",
            (
                _YEAR,
                label("step", "seen, a reason for being out, eligible, a reason unknown, used"),
                count("n", "pupils"),
            ),
            groups_within=("year",),
        ),
        EvidenceTable(
            "measures",
            "Every measure of every model and rule on every test year.",
            (
                _YEAR,
                *_RIVAL,
                label("measure", "name of the measure (evaluation.measures.MEASURES says each in words)"),
                Column("value", Role.RATE, "the measure", "part", "of", ("low", "high")),
                Column("low", Role.STATISTIC, "end of the 95% interval"),
                Column("high", Role.STATISTIC, "end of the 95% interval"),
                count("part", "pupils counted above the line, where the measure is a share; else missing"),
                count("of", "pupils counted below the line; else missing"),
            ),
        ),
        EvidenceTable(
            "uplift",
            "The candidate beside each rival on the same pupils and list length, in pupils found (paired).",
            (
                _YEAR,
                *_RIVAL,
                setting("k", "length of list"),
                count("candidate_found", "rightly listed by the candidate"),
                count("rival_found", "rightly listed by the rival"),
                Column(
                    "difference", Role.STATISTIC, "candidate less rival, in pupils", bounds=("low", "high")
                ),
                Column("low", Role.STATISTIC, "end of the 95% interval"),
                Column("high", Role.STATISTIC, "end of the 95% interval"),
            ),
        ),
        EvidenceTable(
            "list_lengths",
            "Precision and recall by length of list.",
            (
                _YEAR,
                *_RIVAL,
                setting("k", "length of list"),
                count("found", "rightly listed"),
                count("events", "met the outcome, listed or not"),
                Column("precision", Role.RATE, "found of k", "found", "k"),
                Column("recall", Role.RATE, "found of all who met the outcome", "found", "events"),
            ),
        ),
        EvidenceTable(
            "onset_list",
            "A list of capacity drawn only from pupils not persistently absent in the feature year, judged on its own.",
            (
                _YEAR,
                *_RIVAL,
                setting("k", "length of that list"),
                count("n", "pupils known not to be persistently absent"),
                count("found", "rightly listed"),
                count("events", "of those pupils, met the outcome, listed or not"),
                *rate("precision", "found of k", "found", "k"),
                *rate("recall", "found of those who met the outcome", "found", "events"),
            ),
        ),
        EvidenceTable(
            "calibration",
            "Stated and observed shares in bins of equal numbers of pupils.",
            (
                _YEAR,
                *_RIVAL,
                label("bin", "1 is the lowest"),
                Column("lowest", Role.STATISTIC, "lowest stated probability"),
                Column("highest", Role.STATISTIC, "highest stated probability"),
                Column("mean_prob", Role.STATISTIC, "mean stated probability"),
                count("n", "pupils in the bin"),
                count("events", "of them, met the outcome"),
                *rate("observed", "share that met the outcome", "events", "n"),
            ),
            groups_within=("year", "rival"),
        ),
        EvidenceTable(
            "net_benefit",
            "Net benefit (Vickers and Elkin, 2006) across thresholds, beside everyone and no one.",
            (
                _YEAR,
                *_RIVAL,
                Column("threshold", Role.STATISTIC, "probability at which an offer is worth making"),
                *plain("net_benefit", "true listings less weighted false ones, per pupil"),
            ),
        ),
        EvidenceTable(
            "groups",
            "The candidate's list at capacity by group and by pairs of groups; nobody's value is a feature here.",
            (
                _YEAR,
                label("attribute", "`sex`, or a pair like `sex and free school meals`"),
                label("group", "the group, or `overall`"),
                *_GROUP_MEASURES,
            ),
            groups_within=("year", "attribute"),
        ),
        EvidenceTable(
            "views",
            "The same measures for onset and continuing cases, and pupils and schools seen or not seen in training.",
            (_YEAR, label("attribute", "the view"), label("group", "its part"), *_GROUP_MEASURES),
            groups_within=("year", "attribute"),
        ),
        EvidenceTable(
            "missed",
            "Pupils who met the outcome, found and missed, described in counts.",
            (
                _YEAR,
                label("description", "what is described"),
                label("level", "its level"),
                count("events", "met the outcome"),
                count("found", "of them, on the list"),
                count("missed", "of them, not on the list"),
                Column("miss_rate", Role.RATE, "missed of those who met it", "missed", "events"),
            ),
            groups_within=("year", "description"),
        ),
        EvidenceTable(
            "model_shape",
            "How large trees may grow: every choice on the year that calibrates, never on the year that tests.",
            (
                _YEAR,
                label(
                    "measured_on", "feature year it was measured on: the one that calibrates, not trained on"
                ),
                setting("leaves", "most leaves of a tree"),
                label(
                    "chosen", "whether it was taken: the smallest whose loss may be chance (True or False)"
                ),
                label("best", "whether it found the most; of equals, the smallest (True or False)"),
                setting("k", "length of list"),
                count("found", "rightly listed"),
                count("best_found", "rightly listed by the best choice"),
                *plain("lost", "pupils the best choice found and this one did not (paired)"),
                Column("precision", Role.RATE, "found of k", "found", "k"),
                Column("average_precision", Role.STATISTIC, "precision averaged down the whole ranking"),
                Column("roc_auc", Role.STATISTIC, "chance to rank one who met it above one who did not"),
                Column("log_loss", Role.STATISTIC, "mean surprise in nats, calibrated on the same year"),
                Column("brier", Role.STATISTIC, "mean squared distance, calibrated on the same year"),
                Column(
                    "calibration_slope_before",
                    Role.STATISTIC,
                    "slope of the line that calibrates; one is best",
                ),
                Column(
                    "calibration_error",
                    Role.STATISTIC,
                    "mean distance of stated and observed share in ten bins",
                ),
                setting("cost", "numbers added up to explain one pupil in compiled trees, on any machine"),
            ),
        ),
        EvidenceTable(
            "stability",
            "One row per refit: how much of the list stays.",
            (
                setting("refit", "number of the refit"),
                Column(
                    "share_that_stays",
                    Role.STATISTIC,
                    "of the candidate's list, share also on the refit's list",
                ),
                Column("jaccard", Role.STATISTIC, "pupils on both lists of those on either"),
                count("found", "rightly listed by the refit"),
            ),
        ),
        EvidenceTable(
            "inclusion",
            "How many listed pupils have which inclusion share (the share of refits that list them).",
            (
                label("inclusion", "band of inclusion share, as `0.8 to 0.9`"),
                count("listed", "pupils on the candidate's list"),
                count("not_listed", "pupils off the list that some refit lists"),
            ),
        ),
        EvidenceTable(
            "odds_ratios",
            "A logistic table in the form of the DfE study: unadjusted and adjusted odds ratios.",
            (
                label("family", "family of records"),
                label("factor", "the factor in words"),
                label("level", "its level; the reference level has ratio 1"),
                count("n", "pupil-years at this level"),
                count("events", "of them, met the outcome"),
                *plain("unadjusted", "odds ratio on its own"),
                *plain("adjusted", "odds ratio beside all other factors, year group and year"),
                label("state", "`enough`, `reference` or `too few to say`"),
            ),
            groups_within=("factor",),
        ),
        EvidenceTable(
            "family_ranking",
            "The four factors ranked in three ways beside the DfE study's order.",
            (
                label("family", "family of records"),
                setting("dfe_rank", "its place in the DfE study"),
                *plain("mean_shap", "mean size of its contribution, log-odds"),
                *plain("mean_shap_rank", "its place by mean size of contribution"),
                *plain("loss", "pupils fewer at capacity when it is left out"),
                *plain("loss_rank", "its place by that loss"),
                *plain("odds_ratio", "adjusted odds ratio of having any of its factors"),
                *plain("odds_ratio_rank", "its place by odds ratio"),
            ),
        ),
        EvidenceTable(
            "necessity",
            "What is lost at capacity when a family of records is left out: evidence of necessity per data set.",
            (
                label("family", "family left out"),
                label("data_sets", "returns it comes from"),
                count("found_with", "rightly listed with it"),
                count("found_without", "rightly listed without it"),
                *plain("loss", "pupils fewer when it is left out (paired)"),
                *plain("average_precision_loss", "average precision lost"),
            ),
        ),
        EvidenceTable(
            "gates",
            "The gates, decided before the test year was opened.",
            (
                label("gate", "name in the settings"),
                label("words", "what it asks, in words"),
                label("bar", "the bar, in words"),
                label("found", "what was found, in words"),
                label("state", "`passed`, `failed` or `cannot be judged`"),
            ),
        ),
    )
}
