//! A gzip file unpacked, as far as the limits go: a small one may unpack to more than any disk holds.

use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use crate::extract::limits::Limits;

/// So much may come of however little, for a few lines alike pack very well.
const UNJUDGED_BYTES: u64 = 16 << 20;

/// A gzip file, unpacked. It may have several members, but nothing else behind the last.
pub(super) struct Unpacked<R> {
    members: MultiGzDecoder<BufReader<Counted<R>>>,
    /// Bytes given out.
    unpacked: u64,
    limits: Limits,
}

/// What counts the bytes that are read of it.
struct Counted<R> {
    input: R,
    n: u64,
}

impl<R: Read> Unpacked<R> {
    pub fn of(input: R, buffer_bytes: usize, limits: &Limits) -> Unpacked<R> {
        let input = BufReader::with_capacity(buffer_bytes, Counted { input, n: 0 });
        Unpacked { members: MultiGzDecoder::new(input), unpacked: 0, limits: limits.clone() }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.members.read(buffer)?;
        self.unpacked += n as u64;
        if self.unpacked > UNJUDGED_BYTES {
            let input = self.members.get_ref();
            let packed = input.get_ref().n - input.buffer().len() as u64;
            let times = self.limits.most("unpacked_times");
            let limit = if self.unpacked > self.limits.most("unpacked_bytes") {
                Some("unpacked_bytes")
            } else {
                (self.unpacked / times.max(1) > packed).then_some("unpacked_times")
            };
            if let Some(limit) = limit {
                return Err(io::Error::other(self.limits.exceeded(limit)));
            }
        }
        Ok(n)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        self.n += n as u64;
        Ok(n)
    }
}
