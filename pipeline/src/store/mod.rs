//! Every write: stage, sync, rename, lock.
