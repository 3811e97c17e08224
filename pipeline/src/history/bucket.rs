//! Buckets: who is looked at together.

use crate::history::records::PersonKey;

/// Number of buckets. A person's bucket is the first six bits of their key, which is uniformly random; of two million
/// people, one has about 32,000, whose rows fit in the memory of one thread.
pub const BUCKETS: usize = 64;

/// The bucket of a person.
pub fn bucket_of(person: PersonKey) -> usize {
    usize::from(person.as_bytes()[0] >> 2)
}
