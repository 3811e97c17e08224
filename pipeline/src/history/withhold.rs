//! Withholding: accepted rows about people who object go no further than the door. They are counted, and not settled.

use crate::{
    history::{
        archive::Archive,
        ledger::Ledger,
        objectors::{Newest, together},
        order::in_order,
        purge::LeftOut,
        roll::{NOWHERE, Place, Roll},
    },
    objections::register::Register,
    settings,
};

/// So many people are worth a thread's while.
const ASKED_AT_ONCE: usize = 1 << 16;

/// Whose rows are not settled.
#[derive(Debug, Default)]
pub struct Withheld {
    /// By the registry's numbers.
    are_withheld: Vec<bool>,
    /// Of these people no arriving row is settled.
    pub people: LeftOut,
}

/// What decides whose rows those are, before anything arrives.
pub struct Doorkeeper<'a> {
    /// The newest settled entry of each person and kind.
    pub settled: Newest,
    /// What is noted here.
    pub register: Register,
    /// Which kinds count.
    pub settings: &'a settings::Objections,
}

impl Doorkeeper<'_> {
    /// Whose rows are not settled once these objections have arrived. It errs on the side of settling: what it lets
    /// through in vain is purged before the generation is used. Only an objection that its own supplier corrects under the
    /// moment at which it was recorded holds for one delivery longer, as two suppliers who contradict each other look the
    /// same from here.
    pub fn withheld(
        &self,
        arriving: Newest,
        is_full: bool,
        archive: &Archive,
        ledger: &Ledger,
        roll: &Roll,
        threads: usize,
    ) -> Withheld {
        // A full list says everything of which the settled one knows.
        let settled = if is_full && !arriving.is_empty() { Newest::new() } else { self.settled.clone() };
        let left_out = LeftOut::of(&together(settled, arriving), &self.register, ledger, self.settings);
        if left_out.is_nobody() {
            return Withheld::default();
        }
        let person = |&(bucket, number): &Place| {
            let (known, number) = (&archive.people[usize::from(bucket)], number as usize);
            known.get(number).copied().unwrap_or_else(|| roll.new[usize::from(bucket)][number - known.len()])
        };
        let is_withheld = |place: &Place| *place != NOWHERE && left_out.has(person(place));
        let some: Vec<&[Place]> = roll.places.chunks(ASKED_AT_ONCE).collect();
        let are_withheld = |at: usize| Ok(some[at].iter().map(is_withheld).collect::<Vec<bool>>());
        let are_withheld = in_order(threads, some.len(), are_withheld).expect("nothing in it fails").concat();
        Withheld { are_withheld, people: left_out }
    }
}

impl Withheld {
    /// Whether a person's rows are withheld, by the registry's number.
    pub fn has(&self, number: u32) -> bool {
        self.are_withheld.get(number as usize).copied().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        day::Instant,
        history::{merge::Moves, records::PersonKey},
        objections::Kind,
    };

    const NOON: Instant = Instant(12 * 3600);

    /// Whether somebody's rows are withheld, given what is settled and what arrives of them.
    fn is_withheld(settled: (Instant, bool), arriving: (Instant, bool)) -> bool {
        let person = PersonKey::parse(&"0a".repeat(32)).unwrap();
        let newest = |said| Newest::from([((person, Kind::Type1), said)]);
        let settings = settings::Objections::default();
        let doorkeeper = Doorkeeper { settled: newest(settled), register: Register::default(), settings: &settings };
        let (archive, ledger) = (Archive::empty(), Ledger::default());
        let roll = Roll::new(&archive.people, &[], std::iter::empty(), &Moves::default(), &ledger, 1);
        doorkeeper.withheld(newest(arriving), false, &archive, &ledger, &roll, 2).people.has(person)
    }

    #[test]
    fn an_objection_holds_until_something_newer_takes_it_back() {
        assert!(!is_withheld((NOON, true), (Instant(NOON.0 + 1), false)));
        assert!(is_withheld((NOON, true), (Instant(NOON.0 - 1), false)));
        assert!(is_withheld((NOON, false), (Instant(NOON.0 + 1), true)));
    }

    #[test]
    fn what_arrives_takes_nothing_back_that_was_said_at_the_same_moment() {
        assert!(is_withheld((NOON, true), (NOON, false)));
        assert!(is_withheld((NOON, false), (NOON, true)));
        assert!(!is_withheld((NOON, false), (NOON, false)));
    }
}
