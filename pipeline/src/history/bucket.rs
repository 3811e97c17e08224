//! Buckets: who is looked at together.

use crate::history::records::PersonKey;

/// Number of buckets. A person's bucket is the first seven bits of their key, which is uniformly random; of two million
/// people, one has about 16,000, whose rows fit in the memory of one thread.
pub const BUCKETS: usize = 128;

/// The bucket of a person.
pub fn bucket_of(person: PersonKey) -> usize {
    usize::from(person.as_bytes()[0] >> 1)
}
