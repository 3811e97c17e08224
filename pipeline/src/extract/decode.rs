//! CSV in another encoding read as UTF-8.

use std::io::{self, Read};

use crate::settings::Encoding;

/// The characters of Windows-1252 from 0x80 to 0x9f; elsewhere they are those of Latin 1, whose numbers are Unicode's.
/// Source: Unicode consortium, mapping table of code page 1252. The five that it leaves undefined are none here.
const FROM_0X80: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', //
    '\0', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

const READ_BYTES: usize = 1 << 16;

/// An input in another encoding, as UTF-8. What is no character in it becomes a byte that is none in UTF-8 either, so
/// that it is refused with its row.
pub(super) struct Decoded<R> {
    input: R,
    encoding: Encoding,
    /// Bytes of the input that are not decoded yet: half a character.
    rest: Vec<u8>,
    is_big_endian: Option<bool>,
    ready: Vec<u8>,
    given: usize,
    is_over: bool,
}

/// No byte of any text in UTF-8.
const NO_CHARACTER: u8 = 0xff;

impl<R: Read> Decoded<R> {
    pub fn new(input: R, encoding: Encoding) -> Decoded<R> {
        Decoded { input, encoding, rest: Vec::new(), is_big_endian: None, ready: Vec::new(), given: 0, is_over: false }
    }

    /// Reads on, and decodes what is whole.
    fn read_on(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.given = 0;
        let before = self.rest.len();
        self.rest.resize(before + READ_BYTES, 0);
        let n = self.input.read(&mut self.rest[before..])?;
        self.rest.truncate(before + n);
        self.is_over = n == 0;
        match self.encoding {
            Encoding::Utf8 => self.ready.append(&mut self.rest),
            Encoding::Windows1252 => self.rest.drain(..).for_each(|byte| put(&mut self.ready, of_1252(byte))),
            Encoding::Utf16 => self.decode_utf16(),
        }
        Ok(())
    }

    fn decode_utf16(&mut self) {
        if self.is_big_endian.is_none() && self.rest.len() >= 2 {
            self.is_big_endian = Some(self.rest.starts_with(&[0xfe, 0xff]));
        }
        let is_big_endian = self.is_big_endian == Some(true);
        let unit = |pair: &[u8; 2]| if is_big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
        let (pairs, odd) = self.rest.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(unit).collect();
        let mut left = odd.to_vec();
        // The first half of a character that needs two waits for the other.
        if units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) && !self.is_over {
            units.pop();
            left = [&pairs[pairs.len() - 1][..], odd].concat();
        }
        char::decode_utf16(units).for_each(|decoded| put(&mut self.ready, decoded.ok()));
        if self.is_over && !left.is_empty() {
            self.ready.push(NO_CHARACTER);
            left.clear();
        }
        self.rest = left;
    }
}

fn of_1252(byte: u8) -> Option<char> {
    match byte {
        0x80..=0x9f => Some(FROM_0X80[usize::from(byte - 0x80)]).filter(|&character| character != '\0'),
        byte => Some(char::from(byte)),
    }
}

fn put(text: &mut Vec<u8>, character: Option<char>) {
    match character {
        Some(character) => text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => text.push(NO_CHARACTER),
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() && !self.is_over {
            self.read_on()?;
        }
        let n = buffer.len().min(self.ready.len() - self.given);
        buffer[..n].copy_from_slice(&self.ready[self.given..][..n]);
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = self.0.len().min(1).min(buffer.len());
            buffer[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn decoded(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
        let (mut at_once, mut by_drops) = (Vec::new(), Vec::new());
        Decoded::new(bytes, encoding).read_to_end(&mut at_once).unwrap();
        Decoded::new(Drip(bytes), encoding).read_to_end(&mut by_drops).unwrap();
        assert_eq!(at_once, by_drops);
        at_once
    }

    #[test]
    fn windows_1252_is_latin_1_with_quotes_dashes_and_the_euro() {
        assert_eq!(decoded(b"a\xe9\x93\x80\x96,\n", Encoding::Windows1252), "aé“€–,\n".as_bytes());
        assert_eq!(decoded(b"a\x81", Encoding::Windows1252), b"a\xff");
    }

    #[test]
    fn utf_16_is_read_whichever_byte_comes_first() {
        let text = "a,é\n😀";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decoded(&little, Encoding::Utf16), text.as_bytes());
        assert_eq!(decoded(&big, Encoding::Utf16), format!("\u{feff}{text}").as_bytes());
    }

    #[test]
    fn half_a_character_is_none() {
        assert_eq!(decoded(b"a\0b", Encoding::Utf16), b"a\xff");
        assert_eq!(decoded(&[b'a', 0, 0x3d, 0xd8], Encoding::Utf16), b"a\xff");
        assert_eq!(decoded(&[0x00, 0xdc, b'a', 0], Encoding::Utf16), b"\xffa");
    }
}
