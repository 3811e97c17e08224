//! What a cell of text or of a number gives away of somebody: NHS numbers, postcodes, telephone numbers, e-mail addresses
//! and free text (V03). Pure: a cell in, what it looks like out.

use arrow::array::{Array, StringArray};
use earlycall_schemas::codes::NhsNumber;

/// Texts of more words than this are free text.
const WORDS_MAX: usize = 3;
/// Nothing that is written in one piece is longer: `0044` and a telephone number with its zero, and `.0` behind it.
const COMPACT_MAX: usize = 4 + 1 + PHONE_DIGITS + 2;
/// The longest postcode in one piece, and `.0` behind it.
const POSTCODE_MAX: usize = 7 + 2;
/// Digits of a telephone number in the United Kingdom behind its first zero.
const PHONE_DIGITS: usize = 10;

/// What would tell who somebody is, or what somebody wrote of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leak {
    Postcode,
    Phone,
    Email,
    FreeText,
}

impl Leak {
    /// What the cell is, for a message.
    pub fn in_words(self) -> &'static str {
        match self {
            Leak::Postcode => "a postcode",
            Leak::Phone => "a telephone number",
            Leak::Email => "an e-mail address",
            Leak::FreeText => "free text of more than three words",
        }
    }
}

/// What a cell looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Nothing to worry about.
    Nothing,
    /// Ten digits; whether they are an NHS number that may be somebody's.
    TenDigits { is_nhs_number: bool },
    /// This, or a key of a supplier that happens to look like it.
    Perhaps(Leak),
    /// This and nothing else.
    Certainly(Leak),
}

/// Looks at a cell. Most are keys or numbers without a blank, and are done with after one walk over their bytes.
pub(crate) fn look(cell: &str) -> Seen {
    if has_written(cell.as_bytes()) { written(cell) } else { compact(cell) }
}

/// Whether nothing can be seen in any cell of a column, told in one walk over all of them: none has a sign that people
/// write with, and each is longer than what is written in one piece, or than a postcode and begins with a letter, as
/// numbers don't. The keys of most suppliers are such.
pub(crate) fn are_plain_keys(cells: &StringArray) -> bool {
    let (ends, bytes) = (cells.value_offsets(), cells.value_data());
    let is_plain = |(start, end): (usize, usize)| {
        is_out_of_reach(end - start, bytes.get(start).is_some_and(u8::is_ascii_alphabetic))
    };
    let all = ends[0] as usize..ends[cells.len()] as usize;
    !has_written(&bytes[all]) && ends.windows(2).all(|ends| is_plain((ends[0] as usize, ends[1] as usize)))
}

/// Whether a cell of so many bytes, in one piece, is too long for anything that could be seen in it, or empty.
pub(crate) fn is_out_of_reach(length: usize, begins_with_letter: bool) -> bool {
    length == 0 || length > COMPACT_MAX || (length > POSTCODE_MAX && begins_with_letter)
}

/// Whether there is a sign among these bytes that people write with and keys don't have.
///
/// Blanks, `(` and `+` are no larger than `+`, and as signed bytes letters beyond ASCII are negative: two comparisons
/// without a way out serve many bytes at a time.
pub(crate) fn has_written(bytes: &[u8]) -> bool {
    let is_written = |byte: &u8| (byte.cast_signed() <= b'+'.cast_signed()) | (*byte == b'@');
    bytes.iter().fold(false, |found, byte| found | is_written(byte))
}

/// A cell as people write: words, and signs that keys don't have.
fn written(cell: &str) -> Seen {
    let words: Vec<&str> = cell.split_whitespace().collect();
    if words.iter().any(|word| is_email(word)) {
        return Seen::Certainly(Leak::Email);
    }
    if words.windows(2).any(|pair| is_outward(pair[0]) && is_inward(pair[1])) {
        return Seen::Certainly(Leak::Postcode);
    }
    let digits: String = cell.chars().filter(|sign| !sign.is_whitespace() && !"()-".contains(*sign)).collect();
    match ten_digits(&digits) {
        Some(seen) => seen,
        None if is_phone(&digits) => Seen::Certainly(Leak::Phone),
        None if words.len() > WORDS_MAX => Seen::Certainly(Leak::FreeText),
        None => Seen::Nothing,
    }
}

/// A cell in one piece.
fn compact(cell: &str) -> Seen {
    if cell.len() > COMPACT_MAX {
        return Seen::Nothing;
    }
    // A number that went through a table of decimals.
    let cell = cell.strip_suffix(".0").unwrap_or(cell);
    let is_parted = cell.len() == 12 && cell.as_bytes()[3] == b'-' && cell.as_bytes()[7] == b'-';
    let seen = if is_parted { ten_digits(&cell.replace('-', "")) } else { ten_digits(cell) };
    match seen {
        Some(seen) => seen,
        None if is_phone(cell) => Seen::Perhaps(Leak::Phone),
        None if is_compact_postcode(cell) => Seen::Perhaps(Leak::Postcode),
        None => Seen::Nothing,
    }
}

fn ten_digits(text: &str) -> Option<Seen> {
    let is_it = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_it.then(|| Seen::TenDigits { is_nhs_number: NhsNumber::parse(text).is_some_and(NhsNumber::is_issued) })
}

/// A zero, `+44` or `0044`, and ten digits that begin as numbers of places, mobiles and services do.
fn is_phone(text: &str) -> bool {
    let national = ["+44", "0044"].iter().find_map(|start| text.strip_prefix(start));
    let national = national.map(|rest| rest.strip_prefix('0').unwrap_or(rest)).or_else(|| text.strip_prefix('0'));
    national.is_some_and(|digits| {
        digits.len() == PHONE_DIGITS
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && matches!(digits.as_bytes()[0], b'1' | b'2' | b'3' | b'7' | b'8')
    })
}

fn is_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| {
        let host = host.trim_end_matches(['.', ',', ';', '>', ')']);
        !name.is_empty() && host.split('.').filter(|part| !part.is_empty()).count() > 1
    })
}

fn is_compact_postcode(cell: &str) -> bool {
    let end = cell.len().wrapping_sub(3);
    // Clinical Terms Version 3 mixes capitals and small letters, as no postcode does.
    let is_mixed =
        || cell.bytes().any(|byte| byte.is_ascii_uppercase()) && cell.bytes().any(|byte| byte.is_ascii_lowercase());
    let has_form =
        (5..=7).contains(&cell.len()) && cell.is_ascii() && is_outward(&cell[..end]) && is_inward(&cell[end..]);
    has_form && !is_mixed()
}

/// The first half of a postcode: one or two letters, of which the first is no Q, V or X, then a digit, and perhaps one
/// more digit or a letter.
fn is_outward(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let rest = &text.as_bytes()[letters..];
    (1..=2).contains(&letters)
        && !text.starts_with(['Q', 'V', 'X', 'q', 'v', 'x'])
        && match rest {
            [first] => first.is_ascii_digit(),
            [first, second] => first.is_ascii_digit() && second.is_ascii_alphanumeric(),
            _ => false,
        }
}

/// The second half: a digit and two letters, none of which may be taken for another.
fn is_inward(text: &str) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() && !b"CIKMOV".contains(&byte.to_ascii_uppercase());
    matches!(text.as_bytes(), [digit, one, other] if digit.is_ascii_digit() && is_letter(one) && is_letter(other))
}

#[cfg(test)]
mod tests {
    use arrow::array::StringArray;

    use super::{
        Leak::{Email, FreeText, Phone, Postcode},
        Seen::{self, Certainly, Nothing, Perhaps, TenDigits},
        are_plain_keys, look,
    };

    #[track_caller]
    fn check(cells: &[&str], expected: Seen) {
        for cell in cells {
            assert_eq!(look(cell), expected, "{cell}");
        }
    }

    #[test]
    fn keys_numbers_and_codes_give_nothing_away() {
        check(&["", "e1", "48.5", "-3", "1e3", "a7f3-22b1", "X00sI", "G30..", "E2271", "mmol/mol", "R1H12"], Nothing);
        // Eleven and nine digits, and a serial number that only begins with a zero.
        check(&["12345678901", "123456789", "00000012345", "01", "2025-04-10T08:15:00Z"], Nothing);
        check(&["two words", "three short words", "10 mg", "at home"], Nothing);
    }

    #[test]
    fn keys_are_told_as_a_whole_only_where_nothing_is_seen_in_any() {
        let are_plain_keys = |cells: &[Option<&str>]| are_plain_keys(&StringArray::from(cells.to_vec()));
        assert!(are_plain_keys(&[Some("a7f322b1-0044-4f6e"), None, Some("00447700900123-0000"), Some("F99001-123")]));
        assert!(are_plain_keys(&[]));
        // The longest telephone number in one piece, behind which a table of decimals has put its `.0`.
        assert_eq!(look("004407700900123.0"), Perhaps(Phone));
        assert_eq!(look("SW1A1AA.0"), Perhaps(Postcode));
        for seen in ["004407700900123.0", "SW1A1AA.0", "E16AN", "401-023-2137", "one two", "someone@example.org"] {
            assert!(!are_plain_keys(&[Some("a7f322b1-0044-4f6e"), Some(seen)]), "{seen}");
        }
    }

    #[test]
    fn ten_digits_are_an_nhs_number_where_the_check_digit_holds_in_a_range_that_is_issued() {
        // 401 023 2137 holds: 4*10+0*9+1*8+0*7+2*6+3*5+2*4+1*3+3*2 = 92, and 92 is 4 more than 8 times 11.
        let is = |is_nhs_number| TenDigits { is_nhs_number };
        check(&["4010232137", "401 023 2137", "401-023-2137", "4010232137.0"], is(true));
        check(&["4010232138"], is(false));
        // The check digits of these hold, in ranges that are not issued.
        check(&["9990000018"], is(false));
        check(&["1234567890", "7321100900"], is(false));
    }

    #[test]
    fn a_postcode_is_certain_with_its_blank_and_may_be_a_key_without() {
        check(&["E1 6AN", "e17 4sa", "SW1A 1AA", "flat E1 6AN", "M1 1AE"], Certainly(Postcode));
        check(&["E16AN", "SW1A1AA", "m11ae"], Perhaps(Postcode));
        check(&["E1", "E1 6A", "E111 6AN", "ABC1 6AN", "6AN", "E1 6AC", "X1 6AN", "F10aN"], Nothing);
    }

    #[test]
    fn a_telephone_number_is_certain_as_people_write_it_and_may_be_a_key_without_a_blank() {
        check(&["07700 900123", "(020) 7946 0018", "+447700900123", "+44 (0)20 7946 0018"], Certainly(Phone));
        check(&["07700900123", "02079460018", "00447700900123"], Perhaps(Phone));
        check(&["077009001", "04700900123", "077009001234"], Nothing);
    }

    #[test]
    fn an_email_address_and_more_than_three_words_are_certain() {
        check(&["someone@example.org", "see <someone@example.co.uk>."], Certainly(Email));
        check(&["someone@example", "@example.org", "10 @ 5"], Nothing);
        check(&["seen at home today", "one two\nthree\tfour"], Certainly(FreeText));
    }
}
