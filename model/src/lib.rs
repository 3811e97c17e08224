//! Risk models: pure functions from named columns to risks and reasons.
