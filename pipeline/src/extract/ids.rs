//! Ids that end a key and say nothing else: each is read as a number, and its text goes no further than the file's batch.

use arrow::array::{Array, NullBufferBuilder, StringArray, UInt64Array};
use earlycall_schemas::table::{ColumnSpec, DType, TableSpec};
use twox_hash::XxHash3_64;

use crate::extract::id_pages::Pieces;
use crate::extract::serial::{LastDigits, split_serial};
use crate::quality::leak::{has_written, is_out_of_reach};

/// Seed of the hashes of ids. A key is such a hash added to one of its supplier's name: with the same seed for both, the id
/// `B-7` of supplier `A-` would have the key of the id `A-7` of supplier `B-`.
const OF_IDS: u64 = 1;

/// Whether a column holds ids that are read as numbers: text at the end of its table's key, of which nothing is kept.
pub(super) fn is_counted(table: &TableSpec, spec: &ColumnSpec) -> bool {
    table.key.last() == Some(&spec.name) && spec.dtype == DType::Text && !spec.list && !spec.kept
}

/// The ids of a batch's rows that were read as numbers where they lay.
pub(crate) struct Ids {
    /// Their [`numbers`].
    pub numbers: UInt64Array,
    /// Their texts, where there may be something to look at: something that the leak scan looks for, or an id that is longer
    /// than any may be.
    pub texts: Option<Pieces>,
}

/// Ids as numbers: a hash of the text before the digits at an id's end, and these added to it, so that ids that go on
/// counting have numbers that do. Of an empty id, none.
pub(super) fn numbers(texts: &StringArray) -> UInt64Array {
    let (ends, bytes) = (texts.value_offsets(), texts.value_data());
    let id = |at: usize| if texts.is_valid(at) { &bytes[ends[at] as usize..ends[at + 1] as usize] } else { &[] };
    let mut numbering = Numbering::with_room_for(texts.len());
    let (mut start, mut at) = (Start::of(&[]), 0);
    while at < texts.len() {
        let likeness = numbering.add(id(at), &mut start);
        at += 1;
        if let Some(likeness) = likeness {
            at += numbering.add_alike(likeness, (at..texts.len()).map(id));
        }
    }
    numbering.end()
}

/// Ids being read as numbers, and what is known of them from the one look at each.
pub(super) struct Numbering {
    numbers: Vec<u64>,
    are_filled: NullBufferBuilder,
    /// Whether nothing can be seen in any of them of what the leak scan looks for.
    pub are_plain: bool,
    /// Bytes of the longest.
    pub longest: usize,
}

impl Numbering {
    pub fn with_room_for(rows: usize) -> Numbering {
        let (numbers, are_filled) = (Vec::with_capacity(rows), NullBufferBuilder::new(rows));
        Numbering { numbers, are_filled, are_plain: true, longest: 0 }
    }

    /// Rows without an id.
    pub fn add_none(&mut self, rows: usize) {
        self.numbers.resize(self.numbers.len() + rows, 0);
        self.are_filled.append_n_nulls(rows);
    }

    /// An id, given the start of the one before. Those behind it that differ in their last digits alone need not be read
    /// whole: [`Numbering::add_alike`] takes them.
    pub fn add<'a>(&mut self, id: &'a [u8], start: &mut Start<'a>) -> Option<Likeness> {
        let (before, number) = split_serial(id);
        if !are_equal(start.text, before) {
            *start = Start::of(before);
        }
        self.are_plain &= start.is_plain && is_out_of_reach(id.len(), start.begins_with_letter);
        self.longest = self.longest.max(id.len());
        let number = start.hash.wrapping_add(number);
        self.numbers.push(number);
        self.are_filled.append(!id.is_empty());
        let (alike, last_digits) = LastDigits::apart(id, id.len() - before.len())?;
        Some(Likeness { alike, without: number.wrapping_sub(last_digits) })
    }

    /// Ids, as far as they are like one before them; tells how many.
    pub fn add_alike<'a>(
        &mut self,
        Likeness { alike, without }: Likeness,
        ids: impl Iterator<Item = &'a [u8]>,
    ) -> usize {
        let known = self.numbers.len();
        let mut numbers = ids.map_while(|id| alike.of(id).map(|digits| without.wrapping_add(digits)));
        // Some at a time, for a list to which one is added at a time is asked each time whether it has room.
        let mut some = [0; 64];
        loop {
            let n = some.iter_mut().zip(&mut numbers).map(|(place, number)| *place = number).count();
            self.numbers.extend_from_slice(&some[..n]);
            if n < some.len() {
                break;
            }
        }
        let n = self.numbers.len() - known;
        self.are_filled.append_n_non_nulls(n);
        n
    }

    pub fn end(mut self) -> UInt64Array {
        UInt64Array::new(self.numbers.into(), self.are_filled.finish())
    }
}

/// An id but for its last three digits, and its number without them.
#[derive(Clone, Copy)]
pub(super) struct Likeness {
    alike: LastDigits,
    without: u64,
}

/// The text before an id's digits: of most rows that of the row before.
pub(super) struct Start<'a> {
    text: &'a [u8],
    hash: u64,
    begins_with_letter: bool,
    is_plain: bool,
}

impl Start<'_> {
    pub fn of(text: &[u8]) -> Start<'_> {
        let begins_with_letter = text.first().is_some_and(u8::is_ascii_alphabetic);
        Start {
            text,
            hash: XxHash3_64::oneshot_with_seed(OF_IDS, text),
            begins_with_letter,
            is_plain: !has_written(text),
        }
    }
}

/// Whether texts are equal, without a call for those of four to eight bytes, as most that stand before a number are.
fn are_equal(one: &[u8], other: &[u8]) -> bool {
    let halves = |text: &[u8]| Some((*text.first_chunk::<4>()?, *text.last_chunk::<4>()?));
    match one.len() == other.len() && one.len() <= 8 {
        true => halves(one).map_or_else(|| one == other, |halves_of_one| Some(halves_of_one) == halves(other)),
        false => one == other,
    }
}

#[cfg(test)]
mod tests {
    use earlycall_schemas::table::table;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_text_at_the_end_of_a_key_is_read_as_a_number_unless_it_is_kept() {
        let counted = |name: &str| {
            let table = table(name).unwrap();
            table.columns.iter().filter(|spec| is_counted(table, spec)).map(|spec| &*spec.name).collect::<Vec<_>>()
        };
        assert_eq!(counted("gp_events"), ["event_id"]);
        assert_eq!(counted("ed_attendances"), ["attendance_id"]);
        for table in ["apc_episodes", "deaths", "patients", "registrations"] {
            assert!(counted(table).is_empty(), "{table}");
        }
    }

    #[test]
    fn an_empty_id_has_no_number_and_others_go_on_counting() {
        let numbers = numbers(&StringArray::from(vec![Some("F99901-99"), None, Some(""), Some("F99901-100")]));
        let are_filled: Vec<bool> = (0..4).map(|row| numbers.is_valid(row)).collect();
        assert_eq!(are_filled, [true, false, false, true]);
        // 99 is the last of two digits; the first of three has the number behind it, and 100 is 100 on from that.
        assert_eq!(numbers.value(3), numbers.value(0).wrapping_add(101));
    }

    proptest! {
        #[test]
        fn ids_among_others_say_what_they_say_alone(
            of_many in prop::collection::vec(
                ("(F99001-|a-|key 7|0044|-|F9900@-)", 0..20_000_u64, 0..9_usize, prop::option::of("[a-z@]{0,9}")), 1..40),
        ) {
            // Some go on counting, and between them stand others or none.
            let counted = |(start, first, pad, between): &(String, u64, usize, Option<String>)| {
                let ids = (*first..first + 4).map(|n| Some(format!("{start}{n:0pad$}")));
                ids.chain([between.clone()]).collect::<Vec<_>>()
            };
            let ids: Vec<Option<String>> = of_many.iter().flat_map(counted).collect();
            let all = numbers(&StringArray::from(ids.clone()));
            let alone = ids.into_iter().map(|id| numbers(&StringArray::from(vec![id])).iter().next().flatten());
            prop_assert_eq!(all.iter().collect::<Vec<_>>(), alone.collect::<Vec<_>>());
        }
    }
}
