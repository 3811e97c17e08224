//! Ids that end a key and say nothing else: each is read as a number, and its text goes no further than the file's batch.

use arrow::array::{ArrayAccessor, StringViewArray, UInt64Array};
use arrow::buffer::NullBuffer;
use earlycall_schemas::table::{ColumnSpec, DType, TableSpec};
use twox_hash::XxHash3_64;

use crate::extract::serial::{LastDigits, split_serial};
use crate::quality::leak::{has_written, is_out_of_reach};

/// Seed of the hashes of ids. A key is such a hash added to one of its supplier's name: with the same seed for both, the id
/// `B-7` of supplier `A-` would have the key of the id `A-7` of supplier `B-`.
const OF_IDS: u64 = 1;

/// Whether a column holds ids that are read as numbers: text at the end of its table's key, of which nothing is kept.
pub(super) fn is_counted(table: &TableSpec, spec: &ColumnSpec) -> bool {
    table.key.last() == Some(&spec.name) && spec.dtype == DType::Text && !spec.list && !spec.kept
}

/// The ids of a batch's rows, as text and as numbers.
pub(crate) struct Ids {
    pub texts: StringViewArray,
    pub numbered: Numbered,
}

impl Ids {
    pub fn of(texts: &StringViewArray) -> Ids {
        Ids { texts: texts.clone(), numbered: Numbered::of(texts) }
    }
}

/// Ids as numbers, and what is known of them from the one look at each.
pub(crate) struct Numbered {
    /// A hash of the text before the digits at an id's end, and these added to it: ids that go on counting have numbers that
    /// do. Of an empty id, none.
    pub numbers: UInt64Array,
    /// Whether nothing can be seen in any of them of what the leak scan looks for.
    pub are_plain: bool,
    /// Bytes of the longest.
    pub longest: usize,
}

impl Numbered {
    pub fn of<'a>(texts: impl ArrayAccessor<Item = &'a str>) -> Numbered {
        let nulls = texts.nulls();
        let id =
            |at: usize| if nulls.is_none_or(|nulls| nulls.is_valid(at)) { texts.value(at).as_bytes() } else { &[] };
        let (mut are_plain, mut shortest, mut longest) = (true, usize::MAX, 0);
        let mut start = Start::of(&[]);
        let mut numbers: Vec<u64> = Vec::with_capacity(texts.len());
        while numbers.len() < texts.len() {
            let id_of_row = id(numbers.len());
            let (before, number) = split_serial(id_of_row);
            if !are_equal(start.text, before) {
                start = Start::of(before);
            }
            are_plain &= start.is_plain && is_out_of_reach(id_of_row.len(), start.begins_with_letter);
            (shortest, longest) = (id_of_row.len().min(shortest), id_of_row.len().max(longest));
            let number = start.hash.wrapping_add(number);
            numbers.push(number);
            // Of those behind it, as far as nothing else is new, the last digits alone are read.
            if let Some((alike, last_digits)) = LastDigits::apart(id_of_row, id_of_row.len() - before.len()) {
                let without = number.wrapping_sub(last_digits);
                let behind = numbers.len()..texts.len();
                numbers.extend(behind.map_while(|at| alike.of(id(at)).map(|digits| without.wrapping_add(digits))));
            }
        }
        let are_filled = || (0..texts.len()).map(|at| !id(at).is_empty()).collect::<Vec<bool>>();
        let nulls = (shortest == 0).then(|| NullBuffer::from(are_filled()));
        Numbered { numbers: UInt64Array::new(numbers.into(), nulls), are_plain, longest }
    }
}

/// The text before an id's digits: of most rows that of the row before.
struct Start<'a> {
    text: &'a [u8],
    hash: u64,
    begins_with_letter: bool,
    is_plain: bool,
}

impl Start<'_> {
    fn of(text: &[u8]) -> Start<'_> {
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
    use arrow::array::{Array, AsArray, StringArray};
    use arrow::compute::cast;
    use arrow::datatypes::DataType;
    use earlycall_schemas::table::{table, tables};
    use proptest::prelude::*;

    use super::*;
    use crate::quality::leak::are_plain_keys;

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
    fn what_may_be_unread_in_a_key_stands_in_no_table_whose_ids_are_read_as_numbers() {
        // `keys_when_unread` makes keys of accepted rows, which have no such ids any more.
        for table in tables().iter().filter(|table| table.columns.iter().any(|spec| is_counted(table, spec))) {
            let of_key = table.columns.iter().filter(|spec| table.key.contains(&spec.name));
            assert!(of_key.into_iter().all(|spec| spec.otherwise.is_none()), "{}", table.name);
        }
    }

    #[test]
    fn an_empty_id_has_no_number_and_others_go_on_counting() {
        let texts = StringArray::from(vec![Some("F99901-99"), None, Some(""), Some("F99901-100")]);
        let Numbered { numbers, longest, .. } = Numbered::of(&texts);
        let are_filled: Vec<bool> = (0..4).map(|row| numbers.is_valid(row)).collect();
        assert_eq!(are_filled, [true, false, false, true]);
        // 99 is the last of two digits; the first of three has the number behind it, and 100 is 100 on from that.
        assert_eq!(numbers.value(3), numbers.value(0).wrapping_add(101));
        assert_eq!(longest, "F99901-100".len());
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
            let all = Numbered::of(&StringArray::from(ids.clone()));
            let alone: Vec<Numbered> =
                ids.into_iter().map(|id| Numbered::of(&StringArray::from(vec![id]))).collect();
            let numbers: Vec<Option<u64>> = alone.iter().map(|one| one.numbers.iter().next().flatten()).collect();
            prop_assert_eq!(all.numbers.iter().collect::<Vec<_>>(), numbers);
            prop_assert_eq!(all.are_plain, alone.iter().all(|one| one.are_plain));
            prop_assert_eq!(all.longest, alone.iter().map(|one| one.longest).max().unwrap());
        }

        #[test]
        fn ids_say_the_same_as_views_as_they_do_as_text_and_are_plain_where_their_column_is(
            ids in prop::collection::vec(prop::option::of("(|F99001-|a|key 7|0044|-)[0-9a-z@ ]{0,3}[0-9]{0,20}"), 0..12),
        ) {
            let texts = StringArray::from(ids);
            let views = cast(&texts, &DataType::Utf8View).unwrap();
            let (of_texts, of_views) = (Numbered::of(&texts), Ids::of(views.as_string_view()).numbered);
            prop_assert_eq!(&of_texts.numbers, &of_views.numbers);
            prop_assert_eq!((of_texts.are_plain, of_texts.longest), (of_views.are_plain, of_views.longest));
            prop_assert_eq!(of_texts.are_plain, are_plain_keys(&texts));
        }
    }
}
