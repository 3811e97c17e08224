//! What arrives: deliveries, their manifests, and files read into typed columns.
