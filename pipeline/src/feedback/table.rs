//! Contacts as rows of `coach_contacts`, in CSV: every cell is held against its declaration, and one that is wrong refuses the
//! file.

use earlycall_schemas::{
    contacts::{self, Effect, coach_contacts},
    pathways::PathwayId,
    table::{ColumnSpec, DType, Presence},
};

use super::{Contact, HIDDEN_DAYS_MAX, Handed};
use crate::{
    day::{Day, Instant},
    error::{Error, Result},
    history::records::PersonKey,
    quality::{
        cell::misfit,
        leak::{self, Seen},
    },
};

/// Every row of the file, in the order of `contact_at`; of the pathway that it accepts, else of coaching, for it does not say
/// what its team offers.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] at the first cell that is not as declared: row and column, and never what it says.
pub fn read(bytes: &[u8]) -> Result<Vec<Handed>> {
    let mut csv = csv::ReaderBuilder::new().from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let unreadable = |_| refused("is not UTF-8 text in CSV with as many cells in every row");
    let header = csv.headers().map_err(unreadable)?.clone();
    let columns: Vec<&ColumnSpec> = header.iter().map(column).collect::<Result<_>>()?;
    for needed in coach_contacts().columns.iter().filter(|column| column.presence != Presence::O) {
        if columns.iter().filter(|column| column.name == needed.name).count() != 1 {
            return Err(refused("must be there, once").column(&needed.name));
        }
    }
    let mut rows = Vec::new();
    for (row, cells) in (1..).zip(csv.records()) {
        let cells = cells.map_err(|error| unreadable(error).row(row))?;
        for (column, cell) in columns.iter().zip(&cells) {
            check(column, cell).map_err(|error| error.column(&column.name).row(row))?;
        }
        let cell = |name: &str| {
            let at = columns.iter().position(|column| column.name == name);
            at.map(|at| &cells[at]).filter(|cell| !cell.is_empty())
        };
        rows.push(contact(row, cell).map_err(|error| error.row(row))?);
    }
    rows.sort_by_key(|(at, _)| *at);
    Ok(rows.into_iter().map(|(_, handed)| handed).collect())
}

fn column(name: &str) -> Result<&'static ColumnSpec> {
    coach_contacts().column(name).ok_or_else(|| {
        refused("has a column that `coach_contacts` has not").hint("`earlycall schema coach_contacts` names them all")
    })
}

/// Holds a cell against its declaration.
fn check(column: &ColumnSpec, cell: &str) -> Result<()> {
    if cell.is_empty() {
        return match column.presence {
            Presence::M => Err(refused("is empty")),
            _ => Ok(()),
        };
    }
    let is_key = matches!(column.dtype, DType::Text | DType::Name);
    let wrong = match is_key && tells_of_somebody(cell) {
        true => Some("tells who somebody is, and a key must not"),
        false => misfit(column, cell),
    };
    match wrong {
        Some(what) => Err(refused(what).hint("`earlycall schema coach_contacts` tells what may stand there")),
        None => Ok(()),
    }
}

/// The contact in the cells of a row, each of which is as declared, and when it was.
fn contact<'a>(row: u64, cell: impl Fn(&str) -> Option<&'a str>) -> Result<(Instant, Handed)> {
    let needed = |name: &str| cell(name).expect("a cell that must be there");
    let day = |name: &str| cell(name).and_then(Day::parse);
    let contact_at = Instant::parse(needed("contact_at")).expect("checked");
    let contacted_on = Day::of(contact_at);
    let snooze_until = day("snooze_until");
    if snooze_until.is_some_and(|until| !(0..=HIDDEN_DAYS_MAX).contains(&(until - contacted_on))) {
        let what = format!("must lie within the {HIDDEN_DAYS_MAX} days after the contact");
        return Err(refused(what).column("snooze_until"));
    }
    if day("programme_end").is_some_and(|end| end < contacted_on) {
        return Err(refused("lies before the contact").column("programme_end"));
    }
    let outcome = contacts::outcome(needed("outcome")).expect("checked");
    let contact = Contact {
        contact_id: needed("contact_id").to_owned(),
        person_id: PersonKey::parse(needed("person_id")).expect("checked"),
        team_id: needed("team_id").to_owned(),
        pathway: outcome.of_pathway.unwrap_or(PathwayId::Coaching),
        user_id: needed("user_id").to_owned(),
        worklist_run_id: cell("worklist_run_id").map(str::to_owned),
        contacted_on,
        outcome,
        unsuitable_reason: cell("unsuitable_reason").and_then(contacts::unsuitable_reason),
        snooze_until,
        programme_end: day("programme_end").map(|last| last + 1),
    };
    let (person, objects) = (contact.person_id, cell("objects_to_use") == Some("true"));
    if contact.outcome.effect == Effect::Programme && contact.snooze_until.is_some() {
        return Err(refused("stands beside an acceptance, which lasts until `programme_end`").column("snooze_until"));
    }
    Ok((contact_at, Handed { row, person, contact: Some(contact), taken_back: None, objects }))
}

/// Whether a text that is a key gives somebody away.
fn tells_of_somebody(cell: &str) -> bool {
    matches!(leak::look(cell), Seen::Certainly(_))
}

fn refused(what: impl Into<String>) -> Error {
    Error::refused(what, "mend the file and hand it in again: nothing of it is taken")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "contact_id,person_id,worklist_run_id,team_id,user_id,contact_at,contact_type,outcome,unsuitable_reason,snooze_until";

    /// A file of these rows; P stands for a person.
    fn file(rows: &[&str]) -> Vec<u8> {
        let person = format!("{:064x}", 7);
        let rows: Vec<String> = rows.iter().map(|row| row.replace(",P,", &format!(",{person},"))).collect();
        format!("{HEADER}\n{}\n", rows.join("\n")).into_bytes()
    }

    fn error(bytes: &[u8]) -> String {
        read(bytes).unwrap_err().to_string()
    }

    #[test]
    fn rows_are_read_in_the_order_in_which_the_contacts_were() {
        let handed = read(&file(&[
            "c2,P,,coach-31,u-01,2026-11-21T10:00:00Z,call,declined,,",
            "c1,P,2026-11-20.1,coach-31,u-01,2026-11-21T09:00:00Z,call_attempt,no_answer,,",
            "c3,P,,coach-31,u-02,2026-06-30T23:30:00Z,mdt,unsuitable,other,2026-07-11",
        ]))
        .unwrap();
        let contacts: Vec<&Contact> = handed.iter().map(|handed| handed.contact.as_ref().unwrap()).collect();
        assert_eq!(contacts.iter().map(|contact| contact.contact_id.as_str()).collect::<Vec<_>>(), ["c3", "c1", "c2"]);
        assert_eq!(contacts[0].contacted_on.to_string(), "2026-07-01", "a summer night in London");
        assert_eq!(contacts[0].unsuitable_reason.unwrap().code, "other");
        assert_eq!(contacts[1].worklist_run_id.as_deref(), Some("2026-11-20.1"));
        assert!(handed.iter().all(|handed| !handed.objects));
    }

    #[test]
    fn an_objection_and_the_end_of_a_programme_are_read_where_there_are_such_columns() {
        let text =
            String::from_utf8(file(&["c1,P,,coach-31,u-01,2026-11-21T10:00:00Z,call,accepted_coaching,,"])).unwrap();
        let wider = text
            .replace("snooze_until\n", "snooze_until,objects_to_use,programme_end\n")
            .replace(",,\n", ",,,true,2027-03-31\n");
        let handed = read(wider.as_bytes()).unwrap();
        assert!(handed[0].objects);
        let end = handed[0].contact.as_ref().unwrap().programme_end.unwrap();
        assert_eq!(end.to_string(), "2027-04-01", "the first day after the last");
    }

    #[test]
    fn a_cell_that_is_wrong_refuses_the_file_by_its_place_and_is_not_repeated() {
        let good = "c1,P,,coach-31,u-01,2026-11-21T10:00:00Z,call,declined,,";
        for (wrong, place) in [
            ("c2,9434765919,,coach-31,u-01,2026-11-21T10:00:00Z,call,declined,,", "row 2, column person_id"),
            ("c2,P,,coach-31,u-01,21/11/2026,call,declined,,", "row 2, column contact_at"),
            ("c2,P,,coach-31,u-01,2026-11-21T10:00:00Z,call,said no,,", "row 2, column outcome"),
            ("c2,P,,,u-01,2026-11-21T10:00:00Z,call,declined,,", "row 2, column team_id"),
            ("c2,P,,coach-31,u-01,2026-11-21T10:00:00Z,call,declined,,2027-06-01", "row 2, column snooze_until"),
            ("c2,P,,coach-31,u-01,2026-11-21T10:00:00Z,call,declined,,2026-11-20", "row 2, column snooze_until"),
        ] {
            let error = error(&file(&[good, wrong]));
            assert!(error.starts_with(place), "{error}");
            assert!(!error.contains("9434765919") && !error.contains("said no"), "{error}");
        }
        assert!(error(&file(&[good, "c2,P"])).starts_with("row 2: "));
    }

    #[test]
    fn a_header_names_what_is_needed_once_and_nothing_else() {
        assert!(error(b"contact_id,person_id\n").starts_with("column worklist_run_id: must be there, once"));
        let twice = String::from_utf8(file(&[])).unwrap().replace("team_id", "user_id");
        assert!(error(twice.as_bytes()).starts_with("column team_id: must be there, once"));
        let notes = String::from_utf8(file(&[])).unwrap().replace("snooze_until", "notes");
        assert!(error(notes.as_bytes()).contains("has a column that `coach_contacts` has not"));
        assert_eq!(read(&file(&[])).unwrap().len(), 0);
    }
}
