//! The synthetic population.
