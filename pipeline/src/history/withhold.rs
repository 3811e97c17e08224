//! Withholding: accepted rows about people who object go no further than the door. They are counted, and not settled.

use crate::{
    history::{
        archive::Archive,
        ledger::Ledger,
        objectors::{Newest, Objectors, dissenting},
        purge::LeftOut,
        roll::{NOWHERE, Roll},
    },
    objections::register::Register,
    settings,
};

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
    /// through in vain is purged before the generation is used.
    pub fn withheld(
        &self,
        arriving: Newest,
        is_full: bool,
        archive: &Archive,
        ledger: &Ledger,
        roll: &Roll,
    ) -> Withheld {
        // A full list says everything of which the settled one knows.
        let mut newest = if is_full && !arriving.is_empty() { Newest::new() } else { self.settled.clone() };
        for (of, now) in arriving {
            let latest = newest.entry(of).or_insert(now);
            if latest.0 <= now.0 {
                *latest = now;
            }
        }
        let objectors: Objectors = dissenting(newest);
        let left_out = LeftOut::of(&objectors, &self.register, ledger, self.settings);
        if left_out.is_nobody() {
            return Withheld::default();
        }
        let person = |&(bucket, number): &(u8, u32)| {
            let (known, number) = (&archive.people[usize::from(bucket)], number as usize);
            known.get(number).copied().unwrap_or_else(|| roll.new[usize::from(bucket)][number - known.len()])
        };
        let is_withheld = |place: &(u8, u32)| *place != NOWHERE && left_out.has(person(place));
        Withheld { are_withheld: roll.places.iter().map(is_withheld).collect(), people: left_out }
    }
}

impl Withheld {
    /// Whether a person's rows are withheld, by the registry's number.
    pub fn has(&self, number: u32) -> bool {
        self.are_withheld.get(number as usize).copied().unwrap_or(false)
    }
}
