//! The feature catalogue, computed: one row per person.
