# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Does this model deserve to be used?
#
# One question, on a **made-up authority**: what a head of service would ask before any family is approached. Replace the
# first cell by the path of your own store, and the same cells answer it for your authority.

# %%
import os
import tempfile
from pathlib import Path

import absence_risk as ar
from absence_risk.settings import read_settings

folder = Path(tempfile.mkdtemp(prefix="absence_risk_"))
pupils = int(os.environ.get("ABSENCE_RISK_NOTEBOOK_PUPILS", "6000"))
configs = Path(ar.__file__).parents[2] / "configs"
store = folder / "authority.duckdb"

ar.simulate(folder / "returns", pupils=pupils)
ar.new_key(folder / "authority.key")
ar.ingest(folder / "returns", store, key_file=folder / "authority.key")

# %% [markdown]
# ## 1. The gates are set before the test year is opened
#
# They stand in the settings. Look at them now, not after the results.

# %%
settings = read_settings(configs / "four_factors.yaml").model_copy(update={"capacity": 60})
settings.gates

# %% [markdown]
# ## 2. Every later year tests, every rival on the same pupils
#
# Fewer draws and refits than the 2,000 and 30 of the settings, so that this notebook runs in a minute or two.

# %%
quick = settings.evidence.model_copy(update={"rounds": 400, "refits": 5})
found = ar.backtest(store, settings.model_copy(update={"evidence": quick}), out=folder / "evidence")
print(found.in_words())

# %% [markdown]
# The tables are exact here, inside the authority. Everything written to the folder went through the disclosure policy.

# %%
measures = found.tables["measures"]
at_capacity = measures[measures["measure"] == "precision_at_capacity"]
at_capacity.pivot(index="words", columns="year", values="value").sort_values("2024/25", ascending=False).round(3)

# %% [markdown]
# ## 3. Better than today's rule, and how sure?

# %%
uplift = found.tables["uplift"]
uplift[uplift["kind"] == "rule"][["year", "words", "candidate_found", "rival_found", "difference", "low", "high"]].round(1)

# %% [markdown]
# ## 4. For whom does it work less well?
#
# A group with too few pupils says so. With many groups, about one gap in twenty looks clear by chance.

# %%
groups = found.tables["groups"]
groups[(groups["year"] == "2024/25") & (groups["state"] == "enough")][
    ["attribute", "group", "n", "events", "miss_rate", "miss_rate_gap", "miss_rate_gap_low", "miss_rate_gap_high"]
].round(3)

# %% [markdown]
# ## 5. The gates

# %%
found.tables["gates"]

# %% [markdown]
# ## What you may and may not conclude
#
# - On this made-up authority the numbers above are what they are; they are **not evidence about real children**.
# - A gate that fails blocks `promote`. An override needs a name, a role and a reason, which every list then prints.
# - One test year of one authority is one draw of schools: read the intervals, not only the numbers.
# - The list at capacity is what counts. A large area under a curve does not feed anybody's list.
