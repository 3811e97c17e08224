//! `removed.csv`: who left a list since the night before, and why.

use serde::{Deserialize, Serialize};

/// A line of the night before that is not on the list any more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub struct Removed {
    /// Team.
    pub team_id: String,
    /// Line on the night before.
    pub line_no_before: u32,
    /// The person within the team.
    pub person_ref: String,
    /// Why, in words; nothing in it is sensitive.
    pub reason: String,
}

/// The file, sorted by team and old line whatever the order given.
pub fn write(removed: &[Removed]) -> Vec<u8> {
    let mut sorted: Vec<&Removed> = removed.iter().collect();
    sorted.sort_unstable();
    let header = ["team_id", "person_ref", "line_no_before", "reason"].map(str::to_owned).to_vec();
    let lines = sorted.into_iter().map(|line| {
        [line.team_id.as_str(), &line.person_ref, &line.line_no_before.to_string(), &line.reason]
            .map(super::inert::one_line)
            .to_vec()
    });
    super::csv::table(std::iter::once(header).chain(lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_sorted_by_team_and_old_line_and_inert() {
        let line = |team_id: &str, line_no_before, reason: &str| Removed {
            team_id: team_id.into(),
            line_no_before,
            person_ref: "ABCDEFGHIJ".into(),
            reason: reason.into(),
        };
        let bytes = write(&[line("b", 1, "=1+1"), line("a", 10, "risk went down"), line("a", 9, "died, or\nmoved")]);
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "team_id,person_ref,line_no_before,reason\r\n\
             a,ABCDEFGHIJ,9,\"died, or moved\"\r\n\
             a,ABCDEFGHIJ,10,risk went down\r\n\
             b,ABCDEFGHIJ,1,'=1+1\r\n"
        );
    }
}
