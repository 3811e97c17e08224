"""UCI "Diabetes 130-US hospitals" (Strack and others, 2014) as a matrix: who is readmitted within 30 days?

Stays that ended in death or in a hospice are left out. People, not stays, are divided: seven of ten, by a hash of their
number, teach. A column of words becomes a column of 0 and 1 for each of its words that enough stays of the training have.
"""

import hashlib
import io
import zipfile

import numpy as np
import pandas as pd

NUMBERS = """time_in_hospital num_lab_procedures num_procedures num_medications number_outpatient number_emergency
number_inpatient number_diagnoses""".split()
WORDS = """race gender admission_type_id discharge_disposition_id admission_source_id payer_code medical_specialty
max_glu_serum A1Cresult metformin insulin glipizide glyburide change diabetesMed""".split()
DIAGNOSES = ["diag_1", "diag_2", "diag_3"]

# Died, or went to a hospice.
ENDED = ["11", "13", "14", "19", "20", "21"]
STAYS_MIN = 500

# Chapters of ICD-9 by their last whole number, and what stands out of them.
CHAPTERS = {
    139: "infection",
    239: "neoplasm",
    279: "endocrine",
    289: "blood",
    319: "mental",
    389: "nervous",
    459: "circulatory",
    519: "respiratory",
    579: "digestive",
    629: "genitourinary",
    679: "pregnancy",
    709: "skin",
    739: "musculoskeletal",
    759: "congenital",
    799: "symptoms",
    999: "injury",
}
APART = {
    "diabetes": ["250"],
    "heart_failure": ["428"],
    "ischaemic": ["414"],
    "infarction": ["410"],
    "arrhythmia": ["427"],
    "pneumonia": ["486"],
    "copd": ["491", "496"],
    "acute_kidney": ["584"],
    "ckd": ["585"],
    "stroke": ["434"],
    "fluid": ["276"],
}
GROUP_OF = {code: name for name, codes in APART.items() for code in codes}


def make(path):
    """A frame (id, label, columns) for training and one for testing, from the archive as UCI distributes it."""
    text = zipfile.ZipFile(path).read("dataset_diabetes/diabetic_data.csv")
    stays = pd.read_csv(io.BytesIO(text), dtype=str, keep_default_na=False)
    stays = stays[~stays["discharge_disposition_id"].isin(ENDED)].reset_index(drop=True)
    teaches = stays["patient_nbr"].map(is_taught)
    columns = {
        "encounter_id": stays["encounter_id"].astype(np.int64),
        "is_readmitted": (stays["readmitted"] == "<30").astype(np.int8),
        **{name: stays[name].astype(np.float32) for name in NUMBERS},
        # The middle of ten years, as "[70-80)".
        "age_years": stays["age"].str.slice(1).str.split("-").str[0].astype(np.float32) + 5,
    }
    for name in WORDS:
        counts = stays.loc[teaches, name].value_counts()
        columns |= flags(name, stays[name], counts.index[counts >= STAYS_MIN])
    for name in DIAGNOSES:
        groups = stays[name].map(group)
        columns |= flags(name, groups, groups.unique())
    frame = pd.DataFrame(columns)
    return frame[teaches], frame[~teaches]


def is_taught(person):
    return hashlib.sha256(person.encode()).digest()[0] % 10 < 7


def flags(name, words, levels):
    return {f"{name}={level}": (words == level).astype(np.int8) for level in sorted(levels)}


def group(code):
    """The group of an ICD-9 code such as 250.83; those of accidents and other reasons by their letter."""
    whole = code.split(".")[0]
    if whole == "?":
        return "none"
    if not whole.isdigit():
        return whole[0]
    return GROUP_OF.get(whole) or next(name for last, name in CHAPTERS.items() if int(whole) <= last)
