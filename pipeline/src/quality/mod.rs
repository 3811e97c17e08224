//! Checks of what arrives, and the quarantine.
