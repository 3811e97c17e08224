//! SHA-256, the checksum of files, settings and records, as lower-case hexadecimal.
//!
//! Every delivered byte goes through it, so it is computed by a library that is fast also on processors without
//! instructions for it.

use data_encoding::HEXLOWER;
use ring::digest::{Context, Digest, SHA256, digest};

/// The sum of some bytes.
///
/// ```
/// use earlycall::sha256::sha256;
///
/// assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
/// assert_ne!(sha256(b"abd"), sha256(b"abc"));
/// ```
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&digest(&SHA256, bytes))
}

/// The sum of bytes that come one after another.
pub struct Running(Context);

impl Running {
    /// Of no bytes yet.
    pub fn new() -> Running {
        Running(Context::new(&SHA256))
    }

    /// Takes in the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The sum of all of them.
    pub fn finish(self) -> String {
        hexadecimal(&self.0.finish())
    }
}

impl Default for Running {
    fn default() -> Running {
        Running::new()
    }
}

fn hexadecimal(digest: &Digest) -> String {
    HEXLOWER.encode(digest.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_come_one_after_another_have_the_sum_of_the_whole() {
        let mut running = Running::new();
        [b"a".as_slice(), b"", b"bc"].iter().for_each(|bytes| running.update(bytes));
        assert_eq!(running.finish(), sha256(b"abc"));
        // Of nothing, as FIPS 180-4 has it.
        assert_eq!(Running::new().finish(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
