//! The columns of the Excel file that a coach fills in: what is written with empty cells is read back by the same headings.

/// A column to fill in.
#[derive(Clone, Copy, Debug)]
pub struct FillIn {
    /// Its heading.
    pub heading: &'static str,
    /// Width, in characters.
    pub width: f64,
    /// What a coach is told on choosing a cell.
    pub message: &'static str,
    /// What may be filled in.
    pub kind: Kind,
}

/// What may be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of the outcomes.
    Outcome,
    /// A day.
    Day,
    /// One of the reasons for which somebody is unsuitable.
    Unsuitable,
    /// Yes, or nothing.
    Yes,
    /// A short text.
    Text,
}

/// What came of it.
pub const OUTCOME: FillIn =
    FillIn { heading: "Outcome", width: 20.0, message: "Choose what came of the contact.", kind: Kind::Outcome };
/// Chosen in the place of an outcome: the line was filled in by mistake, and what it brought is taken back.
pub const MISTAKE: &str = "Entered by mistake";

/// When it was.
pub const CALLED_ON: FillIn = FillIn {
    heading: "Called on",
    width: 13.0,
    message: "Only if it was not on the day of this list.",
    kind: Kind::Day,
};
/// From when on they may be called again.
pub const AGAIN_ON: FillIn = FillIn {
    heading: "Call again on",
    width: 13.0,
    message: "Away from the list until this day, at most 180 days.",
    kind: Kind::Day,
};
/// Why they are unsuitable.
pub const UNSUITABLE: FillIn = FillIn {
    heading: "Why unsuitable",
    width: 18.0,
    message: "Only with the outcome Unsuitable. Nobody is told.",
    kind: Kind::Unsuitable,
};
/// Whether they object.
pub const OBJECTS: FillIn = FillIn {
    heading: "Objects",
    width: 9.0,
    message: "Yes, if they said no to being on these lists at all: they are taken off at once, for good.",
    kind: Kind::Yes,
};
/// Who called.
pub const CALLED_BY: FillIn =
    FillIn { heading: "Called by", width: 12.0, message: "Your staff key or initials.", kind: Kind::Text };

/// All of them, in their order.
pub const ALL: [FillIn; 6] = [OUTCOME, CALLED_ON, AGAIN_ON, UNSUITABLE, OBJECTS, CALLED_BY];

/// The longest text of a cell that is filled in.
pub const TEXT_CHARS_MAX: u32 = 64;
