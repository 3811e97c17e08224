//! A file of a delivery, open: in memory if it has room there, so that what was summed is what is decoded.

use std::fs::{File, Metadata};
use std::io::{self, BufReader, ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use crate::extract::file::altered;
use crate::extract::look::Look;
use crate::sha256::{Running, sha256};

const BUFFER_BYTES: usize = 1 << 17;
/// Most headers of pages take less.
const HEADER_BYTES: usize = 256;

/// A file that can be read at any place.
#[derive(Clone, Debug)]
pub(super) enum Input {
    Memory(Bytes),
    Disk { file: Arc<File>, bytes: u64 },
}

impl Input {
    /// Takes up a file that looked so just now: in memory if it has at most so many bytes, else to be read as it is needed.
    ///
    /// # Errors
    /// It can't be read, or it looks otherwise once it was: a checksum that was taken before is not that of these bytes.
    pub fn of(mut file: File, about: &Metadata, in_memory_max: u64) -> io::Result<Input> {
        if about.len() > in_memory_max {
            return Ok(Input::on_disk(file, about.len()));
        }
        let mut held = Vec::with_capacity(about.len() as usize);
        file.by_ref().take(about.len()).read_to_end(&mut held)?;
        if Look::of(&file.metadata()?) != Look::of(about) {
            return Err(io::Error::other(altered()));
        }
        Ok(Input::Memory(held.into()))
    }

    /// A file of so many bytes, to be read as it is needed. What is added later is not seen.
    pub fn on_disk(file: File, bytes: u64) -> Input {
        Input::Disk { file: Arc::new(file), bytes }
    }

    /// Reads as much as there is at a place and `buffer` takes; nothing where the file has ended.
    ///
    /// # Errors
    /// It can't be read.
    pub fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<usize> {
        match self {
            Input::Memory(held) => held.get(place as usize..).unwrap_or_default().read(buffer),
            Input::Disk { file, bytes } => {
                let most = bytes.saturating_sub(place).min(buffer.len() as u64);
                file.read_at(&mut buffer[..most as usize], place)
            }
        }
    }

    /// Some bytes at a place; of a file in memory, without a copy.
    ///
    /// # Errors
    /// It can't be read, or has ended before.
    pub fn bytes_at(&self, place: u64, length: usize) -> io::Result<Bytes> {
        let end = place.checked_add(length as u64).filter(|&end| end <= self.len()).ok_or(ErrorKind::UnexpectedEof)?;
        match self {
            Input::Memory(held) => Ok(held.slice(place as usize..end as usize)),
            Input::Disk { file, .. } => {
                let mut held = vec![0; length];
                file.read_exact_at(&mut held, place)?;
                Ok(held.into())
            }
        }
    }

    /// The file from its beginning.
    pub fn reader(self) -> Onward {
        Onward { input: self, place: 0 }
    }

    /// The SHA-256 of the file, in hexadecimal.
    ///
    /// # Errors
    /// It can't be read.
    pub fn sum(&self) -> io::Result<String> {
        if let Input::Memory(held) = self {
            return Ok(sha256(held));
        }
        let (mut digest, mut reader, mut buffer) = (Running::new(), self.clone().reader(), vec![0; BUFFER_BYTES]);
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(digest.finish()),
                n => digest.update(&buffer[..n]),
            }
        }
    }
}

/// A file from some place on.
pub(super) struct Onward {
    input: Input,
    place: u64,
}

impl Read for Onward {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read_at(buffer, self.place)?;
        self.place += n as u64;
        Ok(n)
    }
}

impl Length for Input {
    fn len(&self) -> u64 {
        match self {
            Input::Memory(held) => held.len() as u64,
            Input::Disk { bytes, .. } => *bytes,
        }
    }
}

impl ChunkReader for Input {
    type T = BufReader<Onward>;

    fn get_read(&self, start: u64) -> Result<BufReader<Onward>, ParquetError> {
        Ok(BufReader::with_capacity(HEADER_BYTES, Onward { input: self.clone(), place: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        Ok(self.bytes_at(start, length)?)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::extract::file::refusal;

    #[test]
    fn a_file_in_memory_and_on_the_disk_read_alike_and_end_where_it_was_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"what was summed").unwrap();
        let about = fs::metadata(&path).unwrap();
        let open = || File::open(&path).unwrap();
        let [memory, disk] = [15, 14].map(|most| Input::of(open(), &about, most).unwrap());
        assert!(matches!((&memory, &disk), (Input::Memory(_), Input::Disk { .. })));
        fs::write(&path, b"what was summed; and more").unwrap();
        for input in [memory, disk] {
            assert_eq!(input.sum().unwrap(), sha256(b"what was summed"), "{input:?}");
            let mut all = String::new();
            input.clone().reader().read_to_string(&mut all).unwrap();
            assert_eq!(all, "what was summed");
            let mut start = [b'-'; 8];
            assert_eq!((input.read_at(&mut start, 12).unwrap(), &start), (3, b"med-----"));
            assert_eq!(input.read_at(&mut start, 99).unwrap(), 0);
            assert_eq!(&input.bytes_at(5, 10).unwrap()[..], b"was summed");
            assert_eq!(input.bytes_at(5, 11).unwrap_err().kind(), ErrorKind::UnexpectedEof);
            assert!(input.bytes_at(u64::MAX, 1).is_err());
        }
        let refused = Input::of(open(), &about, 15).unwrap_err();
        assert!(refusal(&refused).to_string().contains("differs from the manifest's sha256"), "{refused}");
    }
}
