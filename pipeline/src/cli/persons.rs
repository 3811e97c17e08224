//! Person ids as arguments: never repeated in an answer, and read from standard input where they should not be typed.

use std::{collections::BTreeSet, io::Read};

use super::usage;
use crate::{error::Result, history::records::PersonKey};

/// More than any list of people who object at once; ids have 64 characters.
const INPUT_BYTES_MAX: u64 = 64 << 20;

/// The persons named; `-` stands for standard input, one id a line.
///
/// # Errors
/// * [`crate::error::Kind::Usage`] when one is no person id, or there is none.
pub fn read(arguments: &[String]) -> Result<Vec<PersonKey>> {
    let mut people = BTreeSet::new();
    for (n, argument) in (1..).zip(arguments) {
        if argument == "-" {
            let mut text = String::new();
            let read = std::io::stdin().take(INPUT_BYTES_MAX).read_to_string(&mut text);
            read.map_err(|_| usage("standard input is not text"))?;
            for (n, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
                people.insert(person(line.trim(), &format!("line {n} of standard input"))?);
            }
        } else {
            people.insert(person(argument, &format!("person {n}"))?);
        }
    }
    match people.is_empty() {
        true => Err(usage("standard input names nobody")),
        false => Ok(people.into_iter().collect()),
    }
}

fn person(text: &str, place: &str) -> Result<PersonKey> {
    PersonKey::parse(text).ok_or_else(|| {
        usage(&format!("{place} is not a person id")).hint("a person id is 64 lower-case hexadecimal characters")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_named_once_and_in_order() {
        let ids = ["0b", "0a", "0b"].map(|byte| byte.repeat(32));
        let people: Vec<String> = read(&ids).unwrap().into_iter().map(PersonKey::to_text).collect();
        assert_eq!(people, [ids[1].clone(), ids[0].clone()]);
    }

    #[test]
    fn a_mistyped_id_is_refused_by_its_place_and_not_repeated() {
        for mistyped in ["9434765919", "", &"0A".repeat(32), &"0a".repeat(31)] {
            let error = read(&["0a".repeat(32), mistyped.to_owned()]).unwrap_err();
            assert_eq!(error.kind(), crate::error::Kind::Usage);
            assert!(error.to_string().starts_with("person 2 is not a person id"), "{error}");
            assert!(mistyped.is_empty() || !error.to_string().contains(mistyped));
        }
    }
}
