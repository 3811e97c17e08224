//! When somebody is among us, and what becomes of what was booked for them.

use crate::day::Day;

use crate::synth::{life::Story, record::Attended, world::World};

/// The days on which a person is alive and here.
pub(super) struct Here {
    pub from: Day,
    pub until: Day,
    /// Whether `until` is the end of their time here, and not the end of the history.
    pub is_gone: bool,
    pub has_died: bool,
}

/// What becomes of something that is booked for a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    TakesPlace,
    /// On a day the person was gone before it.
    CalledOff(Day),
    /// It lies after the history.
    Ahead,
}

impl Here {
    /// The days of the person of a story.
    pub fn of(world: &World, story: &Story) -> Here {
        let Attended { from, until } = Attended::of(world, &story.person, &story.fate);
        Here { from, until, is_gone: until < world.params.last_day, has_died: story.fate.died.is_some() }
    }

    /// What becomes of something that is booked for a day. Whoever dies is taken off the books after two days.
    pub fn turn(&self, day: Day) -> Turn {
        match day {
            day if day <= self.until => Turn::TakesPlace,
            _ if self.is_gone => Turn::CalledOff(self.until + 2),
            _ => Turn::Ahead,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_booked_takes_place_or_is_called_off_or_lies_ahead() {
        let stays = Here { from: Day(0), until: Day(100), is_gone: false, has_died: false };
        assert_eq!([99, 100, 101].map(|n| stays.turn(Day(n))), [Turn::TakesPlace, Turn::TakesPlace, Turn::Ahead]);
        let gone = Here { until: Day(50), is_gone: true, has_died: true, ..stays };
        let off = Turn::CalledOff(Day(52));
        assert_eq!([50, 51, 101].map(|n| gone.turn(Day(n))), [Turn::TakesPlace, off, off]);
    }
}
