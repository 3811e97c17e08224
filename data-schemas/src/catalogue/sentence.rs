//! The sentence of a catalogue entry: fixed words and named gaps, checked when the catalogue loads.

/// A sentence with gaps, which the pipeline fills for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence(pub Vec<Piece>);

/// A part of a [`Sentence`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words as they stand.
    Text(String),
    /// `{n:one|many}`: a number and its noun; `{n:thing}` adds an s for many.
    Number {
        /// Noun for one.
        one: String,
        /// Noun for any other number.
        many: String,
    },
    /// `{window}`: "30 days", "12 months".
    Window,
    /// `{last:on}`: "the last on", or "on" where there is only one fact.
    LastOn,
    /// `{last:date}`: the day of the last fact.
    LastDate,
    /// `{last:until}`: until when the last fact lasted: "the last until 3 May 2026", or "the last not over yet".
    LastUntil,
    /// `{low:high}`: on which side of its usual range a value lies: "low" or "high".
    LowOrHigh,
    /// `{first:date}`: the day of the first fact.
    FirstDate,
    /// `{last:main_condition}`: in plain words, or "another reason" where it is sensitive or not known.
    LastMainCondition,
    /// `{value}`: the latest value, without its unit.
    Value,
    /// `{change}`: by how much it moved, without its sign and its unit.
    Change,
    /// `{way:lower|higher}`: the word for the direction in which it moved.
    Way {
        /// Word for down.
        down: String,
        /// Word for up.
        up: String,
    },
    /// `{item}`: what the facts are an instance of, in plain words.
    Item,
    /// `{items}`: everything that the facts are instances of, joined by commas and "and".
    Items,
    /// `{age}`: "84 years old"; from 90 on only "90 years old or over".
    Age,
}

impl Sentence {
    /// Reads a sentence.
    ///
    /// # Errors
    /// Says which gap is unknown or not closed.
    ///
    /// # Example
    /// ```
    /// use earlycall_schemas::catalogue::{Piece, Sentence};
    /// let sentence = Sentence::parse("{n:fall} in the last {window}").unwrap();
    /// assert_eq!(sentence.0[0], Piece::Number { one: "fall".into(), many: "falls".into() });
    /// assert_eq!(Sentence::parse("{mood} today").unwrap_err(), "has an unknown gap {mood}");
    /// ```
    pub fn parse(text: &str) -> Result<Sentence, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            if open > 0 {
                pieces.push(Piece::Text(rest[..open].to_owned()));
            }
            let close = rest[open..].find('}').ok_or_else(|| "has a gap that is not closed".to_owned())? + open;
            pieces.push(gap(&rest[open + 1..close])?);
            rest = &rest[close + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Sentence(pieces))
    }

    /// Whether the sentence has a gap of a kind.
    pub fn has(&self, wanted: impl Fn(&Piece) -> bool) -> bool {
        self.0.iter().any(wanted)
    }
}

fn gap(name: &str) -> Result<Piece, String> {
    if let Some(noun) = name.strip_prefix("n:") {
        let (one, many) = match noun.split_once('|') {
            Some((one, many)) => (one.to_owned(), many.to_owned()),
            None => (noun.to_owned(), format!("{noun}s")),
        };
        return Ok(Piece::Number { one, many });
    }
    if let Some((down, up)) = name.strip_prefix("way:").and_then(|words| words.split_once('|')) {
        return Ok(Piece::Way { down: down.to_owned(), up: up.to_owned() });
    }
    Ok(match name {
        "window" => Piece::Window,
        "last:on" => Piece::LastOn,
        "last:date" => Piece::LastDate,
        "last:until" => Piece::LastUntil,
        "low:high" => Piece::LowOrHigh,
        "first:date" => Piece::FirstDate,
        "last:main_condition" => Piece::LastMainCondition,
        "value" => Piece::Value,
        "change" => Piece::Change,
        "item" => Piece::Item,
        "items" => Piece::Items,
        "age" => Piece::Age,
        other => return Err(format!("has an unknown gap {{{other}}}")),
    })
}
